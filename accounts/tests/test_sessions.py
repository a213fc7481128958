"""Does a sign-in hold for its owner and for nobody else?"""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts import signed_in, tokens
from accounts.models import Session, User
from accounts.services import people, sessions
from accounts.services.sessions import Device, open_session
from accounts.tokens import NotSignedIn
from healthcare.tests import make
from healthcare.tests.client import client

PHONE, LAPTOP = Device("phone", "127.0.0.1"), Device("laptop", "127.0.0.2")


@pytest.mark.django_db
class TestRefresh:
    def test_the_successor_signs_in_and_the_old_token_does_not(self):
        first = open_session(user=make.person(), device=PHONE)
        second = sessions.refresh(token=first.refresh, device=PHONE)
        assert second.refresh != first.refresh
        assert tokens.read_access(second.access).session_id == first.session.id

    def test_a_retry_of_the_same_device_within_ten_seconds_gets_the_same_successor(self):
        first = open_session(user=make.person(), device=PHONE)
        assert (
            sessions.refresh(token=first.refresh, device=PHONE).refresh
            == sessions.refresh(token=first.refresh, device=PHONE).refresh
        )

    @pytest.mark.parametrize("why", ["another device", "too late"])
    def test_any_other_second_use_ends_the_session(self, why):
        first = open_session(user=make.person(), device=PHONE)
        second = sessions.refresh(token=first.refresh, device=PHONE)
        if why == "too late":
            Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
        with pytest.raises(NotSignedIn):
            sessions.refresh(token=first.refresh, device=LAPTOP if why == "another device" else PHONE)
        with pytest.raises(NotSignedIn):
            sessions.refresh(token=second.refresh, device=PHONE)
        assert Session.objects.get().ended_why == "refresh_reused"

    @pytest.mark.parametrize("field", ["idle_until", "expires_at"])
    def test_a_session_past_its_limits_is_not_refreshed(self, field):
        first = open_session(user=make.person(), device=PHONE)
        Session.objects.update(**{field: timezone.now() - timedelta(seconds=1)})
        with pytest.raises(NotSignedIn):
            sessions.refresh(token=first.refresh, device=PHONE)

    @pytest.mark.parametrize(("age", "refused"), [(timedelta(days=7, seconds=1), True), (timedelta(days=6, hours=23), False)])
    def test_a_refresh_token_lives_seven_days(self, age, refused):
        first = open_session(user=make.person(), device=PHONE)
        Session.objects.update(rotated_at=timezone.now() - age)
        if refused:
            with pytest.raises(NotSignedIn):
                sessions.refresh(token=first.refresh, device=PHONE)
        else:
            assert sessions.refresh(token=first.refresh, device=PHONE).session.generation == 2

    @pytest.mark.parametrize(
        ("role", "idle", "absolute"),
        [("patient", timedelta(days=7), timedelta(days=90)), ("nurse", timedelta(minutes=30), timedelta(hours=12))],
    )
    def test_staff_is_signed_out_sooner_than_patients(self, role, idle, absolute, north):
        user = User.objects.get(pk=make.member(role, north).user_id)
        made = open_session(user=user, device=PHONE).session
        assert abs(made.idle_until - made.created_at - idle) < timedelta(seconds=5)
        assert abs(made.expires_at - made.created_at - absolute) < timedelta(seconds=5)

    def test_who_became_staff_has_the_limits_of_staff_from_the_next_refresh_on(self, north):
        user = make.person(clinic=north)
        first = open_session(user=user, device=PHONE)
        Session.objects.update(created_at=timezone.now() - timedelta(hours=11))
        people.grant(user=user, role="nurse", clinic=north)
        made = sessions.refresh(token=first.refresh, device=PHONE).session
        assert (made.expires_at - made.created_at, made.idle_until - made.last_used_at) == (
            timedelta(hours=12),
            timedelta(minutes=30),
        )

    def test_a_forged_token_does_not_end_anybodys_session(self):
        first = open_session(user=make.person(), device=PHONE)
        forged = first.refresh[:-4] + ("AAAA" if not first.refresh.endswith("AAAA") else "BBBB")
        with pytest.raises(NotSignedIn):
            sessions.refresh(token=forged, device=PHONE)
        assert Session.objects.get().ended_at is None

    @pytest.mark.parametrize("text", ["", "x", "é", "a" * 70, "a" * 5000, "=" * 70])
    def test_nonsense_is_refused(self, text):
        with pytest.raises(NotSignedIn):
            sessions.refresh(token=text, device=PHONE)

    def test_a_refresh_token_is_no_access_token_and_the_other_way_round(self, api):
        made = open_session(user=make.person(), device=PHONE)
        stranger = client(None, None)
        stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {made.refresh}")
        assert stranger.get("/users/profile").status_code == 401
        assert client(None, None).post("/auth/refresh", {"refresh": made.access[:200]}).status_code in (400, 401)


@pytest.mark.django_db
class TestLimitsAndEnds:
    def test_the_sixth_session_ends_the_one_used_longest_ago(self):
        user = make.person()
        made = [open_session(user=user, device=PHONE).session for _ in range(6)]
        alive = set(Session.objects.filter(ended_at=None).values_list("id", flat=True))
        assert alive == {s.id for s in made[1:]}

    def test_logout_is_felt_at_once(self, north):
        who = client(make.member("patient", north), "north")
        assert who.get("/users/profile").status_code == 200
        assert who.post("/auth/logout").status_code == 204
        assert who.get("/users/profile").status_code == 401

    def test_logout_of_all_devices_ends_the_others_too(self, north):
        person = make.member("patient", north)
        one, two = client(person, "north"), client(person, "north")
        one.post("/auth/logout", {"all_devices": True})
        assert [c.get("/users/profile").status_code for c in (one, two)] == [401, 401]

    def test_what_memory_says_of_a_session_is_at_most_a_second_old(self):
        assert signed_in._known.ttl == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token",
    [
        "",
        "x.y.z",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIwIn0.",
        "a" * 10_000,
    ],
)
def test_a_token_nobody_signed_is_refused(token):
    stranger = client(None, None)
    stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    answer = stranger.get("/users/profile")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parallel
def test_of_sixteen_at_once_with_one_refresh_token_one_wins_and_honest_ones_share_its_successor(committed):
    first = open_session(user=make.person(), device=PHONE)
    got: list[str] = []

    def call() -> None:
        got.append(sessions.refresh(token=first.refresh, device=PHONE).refresh)
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(set(got))) == (16, 1)
    assert Session.objects.get().generation == 2
