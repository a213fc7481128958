"""Does a new password need the old one or a link, and does everything that rested on the old one end?"""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Session, User
from accounts.services import passwords
from accounts.services.passwords import BadLink
from accounts.tests.sending import LINK, mailed_secret, no_limits, send_all
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db
ADA, NEW = "ada@people.example", "another-horse-battery"


@pytest.fixture
def ada():
    return make.person(email=ADA, phone="+4915112345678")


def nobody():
    return client(None, None)


def login(password):
    no_limits()
    return nobody().post("/auth/login", {"identifier": ADA, "password": password})


def forgot(identifier=ADA):
    return nobody().post("/auth/password/forgot", {"identifier": identifier})


def reset(token, password=NEW):
    return nobody().post("/auth/password/reset", {"token": token, "password": password})


def test_a_link_sets_a_new_password_once(ada):
    forgot()
    secret = mailed_secret()
    assert [reset(secret).status_code, reset(secret).status_code] == [204, 401]
    assert [login(make.PASSWORD).status_code, login(NEW).status_code] == [401, 200]


def test_the_links_secret_stands_behind_the_hash_and_nowhere_in_our_tables(ada):
    from accounts.models import Challenge
    from healthcare.core.models import EventRecord, Job

    forgot()
    secret = mailed_secret()
    assert "/password/reset#" in str(mail.outbox[0].body)
    kept = [str(list(model.objects.values())) for model in (Challenge, Job, EventRecord)]
    assert not any(secret in text for text in kept)


def test_unknown_and_known_identifiers_are_answered_alike_and_nobody_is_written_to(ada):
    known, unknown = forgot(), forgot("nobody@people.example")
    assert (known.status_code, unknown.status_code) == (202, 202)
    assert known.content == unknown.content == b""
    send_all("password.send_link")
    assert len(mail.outbox) == 1


def test_three_an_hour_and_no_fourth(ada):
    assert [forgot().status_code for _ in range(4)] == [202, 202, 202, 429]
    assert 3500 < int(forgot()["Retry-After"]) <= 3600


def test_only_the_newest_link_counts(ada):
    forgot()
    first = mailed_secret()
    forgot()
    second = mailed_secret()
    assert [reset(first).status_code, reset(second).status_code] == [401, 204]


def test_a_link_holds_fifteen_minutes(ada):
    forgot()
    secret, now = mailed_secret(), timezone.now()
    with pytest.raises(BadLink):
        passwords.reset(token=secret, password=NEW, now=now + dt.timedelta(minutes=15, seconds=1))
    passwords.reset(token=secret, password=NEW, now=now + dt.timedelta(minutes=14, seconds=50))


def test_a_link_by_phone_is_a_text(ada, texts):
    forgot("+49 151 12345678")
    send_all("password.send_link")
    (told,) = texts.delivered
    assert told.channel == "sms"
    assert reset(LINK.findall(told.text)[0]).status_code == 204


@pytest.mark.parametrize("weak", ["short", "password123", "1234567890123"])
def test_a_weak_password_is_refused_and_leaves_the_link_good(ada, weak):
    forgot()
    secret = mailed_secret()
    assert reset(secret, weak).status_code == 400
    assert reset(secret).status_code == 204


def test_staff_needs_a_longer_one(north):
    who = client(make.member("nurse", north, email=ADA), "north")
    answer = who.post("/auth/password/change", {"current_password": make.PASSWORD, "new_password": "tea-quartz"})
    assert (answer.status_code, answer.json()["code"]) == (400, "weak_password")


def test_a_reset_ends_every_session_and_a_strangers_lock(ada):
    who = client(make.Member(ada.id, None, frozenset()), None)
    for _ in range(5):
        login("wrong-wrong-1")
    assert login(make.PASSWORD).status_code == 429
    forgot()
    assert reset(mailed_secret()).status_code == 204
    assert who.get("/users/profile").status_code == 401
    assert login(NEW).status_code == 200


def test_a_change_wants_the_old_one_and_ends_the_other_sessions(ada):
    me = make.Member(ada.id, None, frozenset())
    here, there = client(me, None), client(me, None)
    wrong = here.post("/auth/password/change", {"current_password": "not-it-not-it", "new_password": NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    right = here.post("/auth/password/change", {"current_password": make.PASSWORD, "new_password": NEW})
    assert right.status_code == 204
    assert [c.get("/users/profile").status_code for c in (here, there)] == [200, 401]
    assert Session.objects.filter(ended_why="password_changed").count() == 1
    assert login(NEW).status_code == 200


def test_a_stolen_session_has_five_guesses_at_the_password(ada):
    here = client(make.Member(ada.id, None, frozenset()), None)
    change = {"current_password": "not-it-not-it", "new_password": NEW}
    codes = [here.post("/auth/password/change", change).status_code for _ in range(4)]
    codes += [here.post("/auth/step-up", {"password": "not-it-not-it"}).status_code for _ in range(2)]
    assert codes == [403] * 5 + [429]


def test_passwords_are_argon2id():
    user = make.person()
    assert User.objects.get(pk=user.pk).password.startswith("argon2$argon2id$")


def test_the_page_of_a_link_loads_nothing_from_elsewhere():
    answer = nobody().get("/password/reset")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "no-referrer"
