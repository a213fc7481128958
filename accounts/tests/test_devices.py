"""Does a person see where they are signed in, and end it, and nobody else's?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session, User
from accounts.services import people
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db


def test_ones_own_open_sessions_are_listed_with_device_and_place(north):
    me = make.member("patient", north)
    here, _ = client(me, None), client(me, None)
    client(make.member("patient", north), None)
    rows = here.get("/auth/sessions").json()["results"]
    assert [row["current"] for row in rows].count(True) == 1
    assert [(row["device"], row["address"], row["signed_in_from"]) for row in rows] == [("test", "127.0.0.1", "127.0.0.1")] * 2


def test_one_is_ended_from_another_and_felt_at_once(north):
    me = make.member("patient", north)
    here, there = client(me, None), client(me, None)
    (other,) = [row["id"] for row in here.get("/auth/sessions").json()["results"] if not row["current"]]
    assert here.delete(f"/auth/sessions/{other}").status_code == 204
    assert [c.get("/users/profile").status_code for c in (here, there)] == [200, 401]
    assert here.delete(f"/auth/sessions/{other}").status_code == 404


def test_another_persons_session_is_not_there(north):
    here, foreign = (client(make.member("patient", north), None) for _ in range(2))
    theirs = foreign.get("/auth/sessions").json()["results"][0]["id"]
    assert here.delete(f"/auth/sessions/{theirs}").status_code == 404
    assert foreign.get("/users/profile").status_code == 200


def test_the_list_costs_the_same_for_one_and_for_three(north):
    me, counts = make.member("patient", north), []
    here = client(me, None)
    here.get("/auth/sessions")
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            here.get("/auth/sessions")
        counts.append(len([q for q in queries if "proven_at, s.limited" not in q["sql"]]))
        client(me, None), client(me, None)
    assert counts[0] == counts[1]


def test_the_place_of_last_use_is_noted(north):
    here = client(make.member("patient", north), None)
    Session.objects.update(last_used_at=timezone.now() - timezone.timedelta(minutes=2))
    here.get("/users/profile", REMOTE_ADDR="198.51.100.7")
    assert Session.objects.get().last_address == "198.51.100.7"


def test_who_is_deactivated_is_out_at_once_and_not_let_in_again(north):
    me = make.member("nurse", north, email="ada@people.example")
    here, user = client(me, "north"), User.objects.get(pk=me.user_id)
    assert here.get("/patients").status_code == 200
    people.deactivate(user=user, by=None)
    assert here.get("/patients").status_code == 401
    body = {"identifier": "ada@people.example", "password": make.PASSWORD}
    assert client(None, None).post("/auth/login", body).status_code == 401
    people.reactivate(user=user, by=None)
    assert client(None, None).post("/auth/login", body).status_code == 200
