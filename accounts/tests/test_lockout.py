"""Is somebody kept out for as long as they should be, and nobody else?"""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Lock
from accounts.services import lockout
from accounts.services.lockout import LockedOut, Subject
from accounts.tests.sending import no_limits
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db
SOMEBODY = Subject("password", "somebody")
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
ADA = "ada@people.example"


def fail(times, now=NOW, subject=SOMEBODY):
    """How many of these tries are let through."""
    passed = 0
    for _ in range(times):
        try:
            lockout.count(subject, now=now)
            passed += 1
        except LockedOut:
            pass
    return passed


def wait(now=NOW, subject=SOMEBODY):
    with pytest.raises(LockedOut) as locked:
        lockout.count(subject, now=now)
    return locked.value.retry_after


def test_five_tries_pass_each_time_and_the_locks_grow_to_six_hours():
    now, minutes = NOW, []
    for _ in range(7):
        assert fail(8, now) == 5
        minutes.append(wait(now) // 60)
        now += dt.timedelta(minutes=minutes[-1])
    assert minutes == [10, 25, 45, 60, 360, 360, 360]


def test_the_wait_that_is_told_is_the_wait_that_is_left():
    fail(5)
    assert wait(NOW + dt.timedelta(minutes=9, seconds=30)) == 30
    assert fail(1, NOW + dt.timedelta(minutes=10)) == 1


def test_a_success_is_forgiven_all_that_was_before():
    fail(4)
    lockout.forgive(SOMEBODY)
    assert fail(8) == 5
    assert wait() == 600


def test_after_a_day_without_a_try_the_first_lock_is_the_first_again():
    fail(5)
    fail(5, NOW + dt.timedelta(minutes=10))
    later = NOW + dt.timedelta(hours=24, minutes=11)
    assert fail(8, later) == 5
    assert wait(later) == 600


def test_password_and_code_are_counted_apart():
    fail(6)
    assert fail(5, subject=Subject("otp", "somebody")) == 5


def test_what_served_its_time_goes_and_what_locks_stays():
    fail(5, timezone.now() - dt.timedelta(hours=25))
    fail(1, subject=Subject("password", "another"), now=timezone.now())
    assert lockout.prune(now=timezone.now()) == 1
    assert Lock.objects.count() == 1


def test_no_identifier_stands_in_the_table():
    client(None, None).post("/auth/login", {"identifier": ADA, "password": "wrong-wrong-1"})
    (row,) = Lock.objects.all()
    assert len(bytes(row.key)) == 32 and b"ada" not in bytes(row.key)


def login(given="wrong-wrong-1", **more):
    no_limits()  # the limit of five a minute has its own tests
    return client(None, None).post("/auth/login", {"identifier": ADA, "password": given, **more})


def test_after_five_failures_the_right_password_waits_ten_minutes_too():
    make.person(email=ADA)
    assert [login().status_code for _ in range(5)] == [401] * 5
    answer = login(make.PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    assert 590 < int(answer["Retry-After"]) <= 600


def test_an_unknown_identifier_is_locked_alike():
    assert [login().status_code for _ in range(5)] == [401] * 5
    assert login().json()["code"] == "locked_out"


def test_strangers_do_not_lock_a_known_device():
    make.person(email=ADA)
    known = login(make.PASSWORD).json()["device_token"]
    for _ in range(6):
        login()
    assert login(make.PASSWORD).status_code == 429
    assert login(make.PASSWORD, device_token=known).status_code == 200


def test_a_known_device_has_five_tries_of_its_own_and_no_more():
    make.person(email=ADA)
    known = login(make.PASSWORD).json()["device_token"]
    assert [login(device_token=known).status_code for _ in range(6)] == [401] * 5 + [429]
    assert login(make.PASSWORD).status_code == 200  # nor does it lock others


@pytest.mark.parametrize("whose", ["another's", "forged", "before the password changed"])
def test_a_device_token_that_is_not_this_persons_helps_nobody(whose):
    user = make.person(email=ADA)
    make.person(email="bo@people.example")
    known = login(make.PASSWORD).json()["device_token"]
    if whose == "another's":
        known = client(None, None).post("/auth/login", {"identifier": "bo@people.example", "password": make.PASSWORD}).json()
        known = known["device_token"]
    elif whose == "forged":
        known = known[:-4] + ("AAAA" if known[-4:] != "AAAA" else "BBBB")
    else:
        user.set_password(make.PASSWORD)
        user.save()
    for _ in range(5):
        login()
    assert login(make.PASSWORD, device_token=known).status_code == 429
