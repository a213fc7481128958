"""Who gets in, who does not, and how often may they try?"""

from types import SimpleNamespace

import pytest

from accounts.models import Membership, User
from accounts.roles import TABLE, Role
from accounts.services import pace
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from healthcare.tests.client import client
from patients.models import Patient

pytestmark = pytest.mark.django_db
BODY = {"email": "lin@people.example", "password": "correct-horse-battery", "first_name": "Lin", "phone": "+4915112345678"}


def test_a_person_signs_up_and_is_signed_in():
    answer = client(None, None).post("/auth/register", BODY)
    assert answer.status_code == 201
    assert answer.json()["user"]["email"] == "lin@people.example"
    tokens = {"access", "refresh", "expires_in", "session_id", "user"}
    assert tokens | {"device_token", "mfa_setup_required", "challenge"} == answer.json().keys()
    assert User.objects.get().memberships.count() == 0


def test_signing_up_at_a_clinic_makes_a_patient_with_a_chart_and_nothing_more(north):
    answer = client(None, "north").post("/auth/register", BODY)
    user = User.objects.get(pk=answer.json()["user"]["id"])
    assert [(m.role, m.clinic_id) for m in Membership.objects.filter(user=user)] == [("patient", north.id)]
    with in_clinic(north):
        assert Patient.objects.get(user=user).first_name == "Lin"


def test_nobody_picks_a_role(north):
    answer = client(None, "north").post("/auth/register", {**BODY, "role": "clinic_admin"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown")


@pytest.mark.parametrize("change", [{"email": "LIN@people.example"}, {"phone": "+49 151 12345678"}])
def test_signing_up_with_somebodys_identifier_gives_nothing_away(change):
    make.person(email=BODY["email"], phone=BODY["phone"])
    other = {**BODY, "email": "o@people.example", "phone": "+4915112345679"}
    known, unknown = (client(None, None).post("/auth/register", body) for body in ({**other, **change}, other))
    assert (known.status_code, unknown.status_code) == (201, 201)
    assert known.json().keys() == unknown.json().keys()
    assert [user["email_pending"] for user in (known.json()["user"], unknown.json()["user"])] == [True, True]


def test_what_was_only_claimed_signs_nobody_in():
    client(None, None).post("/auth/register", BODY)
    answer = client(None, None).post("/auth/login", {"identifier": BODY["email"], "password": BODY["password"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_login")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "password123"}, "password"),
        ({"password": "short"}, "password"),
        ({"email": "no-address"}, "email"),
        ({"phone": "12345"}, "phone"),
        ({"date_of_birth": "2990-01-01"}, "date_of_birth"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"first_name": "a\u0007b"}, "first_name"),
        ({"email": None, "phone": None}, ""),
    ],
)
def test_what_is_not_valid_is_named(change, field):
    answer = client(None, None).post("/auth/register", {**BODY, **change})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_the_right_password_signs_in_by_email_and_by_phone():
    make.person(email="a@people.example", phone="+4915112345678")
    for identifier in ("A@people.example", "+49 1511 2345678"):
        answer = client(None, None).post("/auth/login", {"identifier": identifier, "password": make.PASSWORD})
        assert answer.status_code == 200


def test_a_refusal_takes_its_time_whoever_it_is_about_and_the_right_password_does_not(settings, monkeypatch):
    settings.SIGN_IN_BEAT, waited = 5.0, []
    monkeypatch.setattr(pace.time, "sleep", waited.append)
    make.person(email="a@people.example")
    for identifier in ("a@people.example", "nobody@people.example"):
        body = {"identifier": identifier, "password": "not-the-password"}
        assert client(None, None).post("/auth/login", body).status_code == 401
    for identifier in ("a@people.example", "nobody@people.example"):
        for path in ("/auth/request-otp", "/auth/password/forgot"):
            assert client(None, None).post(path, {"identifier": identifier}).status_code == 202
    assert len(waited) == 6
    assert all(4 < seconds <= 5 for seconds in waited), "what was left of the floor"
    body = {"identifier": "a@people.example", "password": make.PASSWORD}
    assert client(None, None).post("/auth/login", body).status_code == 200
    assert client(None, None).post("/auth/request-otp", {"identifier": "nobody@people.example"}).status_code == 429
    assert len(waited) == 6, "past a limit nobody waits"


@pytest.mark.parametrize(("took", "waits"), [(0.05, 0.2), (0.25, 0.25), (0.3, 0.2), (1.1, 0.15)])
def test_what_takes_longer_than_a_beat_takes_a_whole_number_of_them(took, waits, settings, monkeypatch):
    settings.SIGN_IN_BEAT, waited, clock = 0.25, [], [100.0, 100.0 + took]
    monkeypatch.setattr(pace, "time", SimpleNamespace(sleep=waited.append, monotonic=lambda: clock.pop(0)))
    with pace.paced():
        pass
    assert waited == [pytest.approx(waits)]


def test_a_wrong_password_and_an_unknown_person_look_alike():
    make.person(email="a@people.example")
    answers = [
        client(None, None).post("/auth/login", {"identifier": i, "password": "wrong-wrong-1"}).json()
        for i in ("a@people.example", "nobody@people.example", "no identifier at all")
    ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1] == answers[2] and answers[0]["code"] == "bad_login"


def test_a_deactivated_person_does_not_get_in():
    user = make.person(email="a@people.example")
    User.objects.filter(pk=user.pk).update(is_active=False)
    body = {"identifier": "a@people.example", "password": make.PASSWORD}
    assert client(None, None).post("/auth/login", body).status_code == 401


def test_the_sixth_wrong_try_in_a_minute_is_not_even_looked_at():
    make.person(email="a@people.example")
    tries = [{"identifier": "a@people.example", "password": "wrong-wrong-1"}] * 5
    codes = [client(None, None).post("/auth/login", body).status_code for body in tries]
    right = client(None, None).post("/auth/login", {"identifier": "a@people.example", "password": make.PASSWORD})
    assert codes == [401] * 5
    assert right.status_code == 429 and 0 < int(right["Retry-After"]) <= 60


SPELT = {
    "phone": [
        "+4915112345678",
        "+49 151 12345678",
        "+49-1511-2345678",
        "+49 (151) 12345678",
        "tel:+4915112345678",
        "+49/15112345678",
    ],
    "email": [
        "a@people.example",
        "Ａ@people.example",
        "a@ｐeople.example",
        "A@pｅople.example",
        "a@people.ｅxample",
        "a@peopｌe.example",
    ],
}


@pytest.mark.parametrize("kind", SPELT)
def test_however_it_is_spelt_an_identifier_has_five_tries(kind):
    make.person(email="a@people.example", phone="+4915112345678")
    tries = [{"identifier": spelt, "password": "wrong-wrong-1"} for spelt in SPELT[kind]]
    assert [client(None, None).post("/auth/login", body).status_code for body in tries] == [401] * 5 + [429]


def test_a_success_gives_its_try_back():
    make.person(email="a@people.example")
    body = {"identifier": "a@people.example", "password": make.PASSWORD}
    assert [client(None, None).post("/auth/login", body).status_code for _ in range(7)] == [200] * 7


def test_a_person_joins_a_second_clinic_once(north, south):
    person = make.member("patient", north)
    who = client(person, None)
    assert who.post("/clinics/south/register").status_code == 201
    again = who.post("/clinics/south/register")
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    with in_clinic(south):
        assert Patient.objects.filter(user=person.user_id).count() == 1


def test_a_stale_profile_is_not_overwritten(north):
    who = client(make.member("patient", north), None)
    seen = who.get("/users/profile")["ETag"]
    assert who.patch("/users/profile", {"first_name": "Ab"}, headers={"If-Match": seen}).status_code == 200
    late = who.patch("/users/profile", {"first_name": "Cd"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "stale_write")


def test_every_role_of_the_table_is_one_of_the_seventeen():
    assert len(Role) == 17
    for permission, (everything, own) in TABLE.items():
        assert set(everything) | set(own) <= set(Role), permission
        assert not set(everything) & set(own), permission
