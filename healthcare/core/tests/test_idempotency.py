"""Does an Idempotency-Key make a call happen once?"""

import threading

import pytest
from django.db import connections

from accounts.models import Session, User
from accounts.services import sessions
from accounts.services.sessions import Device, open_session
from healthcare.core.models import EventRecord
from healthcare.tests import make
from healthcare.tests.client import client

BODY = {"email": "once@people.example", "password": "correct-horse-battery", "first_name": "Ona"}


@pytest.mark.django_db
class TestOneCaller:
    def test_the_same_call_is_answered_alike_and_happens_once(self):
        answers = [client(None, None).post("/auth/register", BODY, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
        assert [a.status_code for a in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert User.objects.count() == 1

    def test_another_body_under_the_same_key_is_refused(self):
        client(None, None).post("/auth/register", BODY, headers={"Idempotency-Key": "k-1"})
        other = {**BODY, "email": "two@people.example"}
        answer = client(None, None).post("/auth/register", other, headers={"Idempotency-Key": "k-1"})
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")

    def test_a_refusal_is_judged_afresh(self):
        weak = {**BODY, "password": "password123"}
        assert client(None, None).post("/auth/register", weak, headers={"Idempotency-Key": "k-2"}).status_code == 400
        assert client(None, None).post("/auth/register", BODY, headers={"Idempotency-Key": "k-2"}).status_code == 201

    def test_an_overlong_key_is_a_400(self):
        answer = client(None, None).post("/auth/register", BODY, headers={"Idempotency-Key": "k" * 201})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

    def test_a_body_nested_beyond_reason_is_a_400(self):
        deep = '{"identifier": ' + "[" * 300 + "]" * 300 + "}"
        headers = {"Idempotency-Key": "k-5"}
        answer = client(None, None).post("/auth/login", deep, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

    def test_what_a_refusal_wrote_stays_written(self):
        """A refresh token used twice ends the session; the thief's Idempotency-Key must not keep it alive."""
        session = open_session(user=make.person(), device=Device("phone", "10.0.0.1"))
        sessions.refresh(token=session.refresh, device=Device("phone", "10.0.0.1"))
        answer = client(None, None).post("/auth/refresh", {"refresh": session.refresh}, headers={"Idempotency-Key": "k-6"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert Session.objects.get().ended_why == "refresh_reused"

    def test_a_failed_sign_in_is_on_record_with_a_key_too(self):
        client(None, None).post(
            "/auth/login", {"identifier": "a@b.example", "password": "x"}, headers={"Idempotency-Key": "k-7"}
        )
        assert EventRecord.objects.filter(name="SignInFailed").count() == 1

    @pytest.mark.parametrize("other", [{"REMOTE_ADDR": "10.0.0.2"}, {"headers": {"Authorization": "Display other"}}])
    def test_the_answer_is_not_for_another_screen_or_address(self, other):
        first = client(None, None).post("/displays", {}, headers={"Idempotency-Key": "k-8", "Authorization": "Display one"})
        headers = {"Idempotency-Key": "k-8", "Authorization": "Display one", **other.pop("headers", {})}
        second = client(None, None).post("/displays", {}, headers=headers, **other)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["secret"] != second.json()["secret"]


@pytest.mark.parallel
def test_eight_at_once_with_one_key_make_one_person(committed):
    codes: list[tuple[int, str]] = []

    def call() -> None:
        answer = client(None, None).post("/auth/register", BODY, headers={"Idempotency-Key": "k-3"})
        codes.append((answer.status_code, answer.json()["user"]["id"]))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in codes] == [201] * 8
    assert len({user for _, user in codes}) == 1 and User.objects.count() == 1
