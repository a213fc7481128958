"""How do the queue's routes answer?"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from appointments.queue.models import Queue, Token
from appointments.queue.tests import make as queues
from appointments.queue.views import TokenViewSet
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture
def queue(in_north: Any) -> Queue:
    return queues.queue()


@pytest.fixture
def desk(api: Api) -> Any:
    return api("receptionist")


def post(client: Any, path: str, body: Any = None) -> Any:
    return client.post(path, body if body is not None else {})


def test_opening_a_queue_twice_answers_the_same_queue(desk: Any, in_north: Any) -> None:
    doctor = make.practitioner(room="Room 2")
    answers = [post(desk, "/queues", {"practitioner": str(doctor.id)}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert (answers[0].json()["room"], answers[0].json()["tokens"]) == ("Room 2", [])


def test_the_queue_of_an_unknown_practitioner_is_not_found(desk: Any) -> None:
    assert post(desk, "/queues", {"practitioner": str(uuid4())}).status_code == 404


def test_a_walk_in_gets_a_number(desk: Any, queue: Queue) -> None:
    answer = post(desk, f"/queues/{queue.id}/tokens", {"priority": "urgent"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["number"], told["status"], told["place"], told["priority"], told["queue"]) == (
        "A-001",
        "waiting",
        1,
        "urgent",
        str(queue.id),
    )


def test_a_walk_in_with_a_chart_keeps_it_and_an_unknown_chart_is_not_found(desk: Any, queue: Queue) -> None:
    patient = make.patient()
    assert post(desk, f"/queues/{queue.id}/tokens", {"patient": str(patient.id)}).json()["patient"] == str(patient.id)
    assert post(desk, f"/queues/{queue.id}/tokens", {"patient": str(uuid4())}).status_code == 404


def test_call_next_answers_the_token_and_an_empty_queue_says_so(desk: Any, queue: Queue) -> None:
    token = queues.walk_in(queue)
    called = post(desk, f"/queues/{queue.id}/call-next")
    assert (called.status_code, called.json()["id"], called.json()["status"]) == (200, str(token.id), "called")
    empty = post(desk, f"/queues/{queue.id}/call-next")
    assert (empty.status_code, empty.json()["code"]) == (409, "queue_empty")


def test_each_click_has_a_route(desk: Any, queue: Queue) -> None:
    queues.walk_in(queue)
    token = post(desk, f"/queues/{queue.id}/call-next").json()["id"]
    told = [
        post(desk, f"/queues/{queue.id}/tokens/{token}/{verb}").json()["status"]
        for verb in ("recall", "skip", "undo", "hold", "resume", "start", "finish")
    ]
    assert told == ["called", "skipped", "called", "held", "waiting", "serving", "finished"]


def test_transfer_answers_the_number_in_the_other_queue(desk: Any, queue: Queue) -> None:
    token, other = queues.walk_in(queue), queues.queue()
    answer = post(desk, f"/queues/{queue.id}/tokens/{token.id}/transfer", {"queue": str(other.id)})
    assert (answer.status_code, answer.json()["number"], answer.json()["queue"]) == (200, "B-001", str(other.id))


def test_reorder_answers_the_line_in_its_new_order(desk: Any, queue: Queue) -> None:
    line = [str(queues.walk_in(queue).id) for _ in range(3)]
    answer = post(desk, f"/queues/{queue.id}/reorder", {"tokens": line[::-1]})
    assert [t["id"] for t in answer.json()["tokens"]] == line[::-1]
    assert post(desk, f"/queues/{queue.id}/reorder", {"tokens": line[:2]}).json()["code"] == "line_changed"


def test_an_unknown_verb_queue_or_token_is_not_found(desk: Any, queue: Queue) -> None:
    token = queues.walk_in(queue)
    paths = (
        f"/queues/{queue.id}/tokens/{token.id}/promote",
        f"/queues/{uuid4()}/tokens/{token.id}/skip",
        f"/queues/{queue.id}/tokens/{uuid4()}/skip",
        f"/queues/{uuid4()}/call-next",
    )
    assert [post(desk, path).status_code for path in paths] == [404] * len(paths)


def test_another_clinics_queue_looks_unknown(api: Api, queue: Queue, south: Any) -> None:
    stranger = api("receptionist", clinic="south")
    foreign, unknown = (stranger.get(f"/queues/{i}").json() for i in (queue.id, uuid4()))
    foreign.pop("request_id"), unknown.pop("request_id")
    assert foreign == unknown
    assert foreign["status"] == 404


@pytest.mark.parametrize("role", ["patient", "auditor", "pharmacist"])
def test_who_has_no_business_at_the_queue_is_refused(api: Api, queue: Queue, role: str) -> None:
    token, client = queues.walk_in(queue), api(role)
    paths = [f"/queues/{queue.id}/tokens/{token.id}/{verb}" for verb in TokenViewSet.VERBS]
    paths += ["/queues", f"/queues/{queue.id}/tokens", f"/queues/{queue.id}/call-next", f"/queues/{queue.id}/reorder"]
    assert {post(client, path).status_code for path in paths} == {403}
    assert {client.get(path).status_code for path in ("/queues", f"/queues/{queue.id}")} == {403}


def test_the_list_counts_who_is_where_and_can_be_narrowed_to_a_day(desk: Any, queue: Queue) -> None:
    queues.walk_in(queue), queues.walk_in(queue)
    post(desk, f"/queues/{queue.id}/call-next")
    (shown,) = desk.get("/queues", {"day": queue.day.isoformat()}).json()["results"]
    assert (shown["counts"]["waiting"], shown["counts"]["called"], shown["counts"]["finished"]) == (1, 1, 0)
    assert desk.get("/queues", {"day": (queue.day + dt.timedelta(days=1)).isoformat()}).json()["results"] == []


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "1", "\U0001f600"])
def test_a_day_that_is_none_is_refused(desk: Any, day: str) -> None:
    assert desk.get("/queues", {"day": day}).json()["code"] == "invalid"


MALFORMED = ([], "x", 7, {"tokens": "x"}, {"tokens": ["1"]}, {"tokens": [None]}, {}, {"tokens": [], "x": 1})


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_order_is_refused(desk: Any, queue: Queue, body: Any) -> None:
    assert desk.post(f"/queues/{queue.id}/reorder", body, format="json").status_code == 400


def test_lists_cost_the_same_for_one_and_for_three(
    desk: Any, in_north: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for _ in range(2):
        queue = queues.queue()
        for _ in range(3):
            queues.walk_in(queue)
        desk.get("/queues")
        for path in ("/queues", f"/queues/{queue.id}"):
            with django_assert_max_num_queries(20) as seen:
                assert desk.get(path).status_code == 200
            counts.append(len(seen))
        queues.queue()
    assert counts[:2] == counts[2:]


def test_appointments_in_a_list_show_their_numbers_at_the_same_cost(
    desk: Any, in_north: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    doctor, counts = make.practitioner(), []
    for count in (1, 2):
        for _ in range(count):
            queues.arrived(doctor)
        desk.get("/appointments")
        with django_assert_max_num_queries(20) as seen:
            shown = desk.get("/appointments").json()["results"]
        counts.append(len(seen))
    assert sorted((row["token"]["number"], row["token"]["place"]) for row in shown) == [
        ("A-001", 1),
        ("A-002", 2),
        ("A-003", 3),
    ]
    assert counts[0] == counts[1]


def test_check_in_answers_the_token(desk: Any, in_north: Any) -> None:
    row = queues.appointment(make.practitioner(room="Room 5"), starts_in=10)
    answer = post(desk, f"/appointments/{row.id}/check-in")
    assert answer.status_code == 200
    assert {k: answer.json()["token"][k] for k in ("number", "status", "place", "desk")} == {
        "number": "A-001",
        "status": "waiting",
        "place": 1,
        "desk": "Room 5",
    }
    assert answer.json()["state"] == "waiting"
    assert post(desk, f"/appointments/{row.id}/check-in").status_code == 409


def test_checking_in_to_a_closed_queue_is_refused_and_changes_nothing(desk: Any, in_north: Any) -> None:
    doctor = make.practitioner()
    Queue.objects.filter(pk=queues.queue(practitioner=doctor).pk).update(is_open=False)
    row = queues.appointment(doctor, starts_in=10)
    assert post(desk, f"/appointments/{row.id}/check-in").json()["code"] == "queue_closed"
    row.refresh_from_db()
    assert (row.state, Token.objects.count()) == ("scheduled", 0)


def test_who_is_early_for_tomorrow_waits_in_tomorrows_queue(in_north: Any) -> None:
    from appointments.queue.services.tokens import arrive

    doctor = make.practitioner()
    midnight = timezone.now().astimezone(doctor.place.clock).replace(hour=0, minute=10) + dt.timedelta(days=1)
    row = queues.appointment(doctor, state="checked_in")
    type(row).objects.filter(pk=row.pk).update(starts_at=midnight, ends_at=midnight + dt.timedelta(minutes=10))
    row.refresh_from_db()
    token = arrive(appointment=row, by=None, now=midnight - dt.timedelta(minutes=30))
    assert token.queue.day == midnight.date()


def test_a_queue_made_in_one_clinic_is_not_in_the_other(queue: Queue, south: Any) -> None:
    with in_clinic(south):
        assert Queue.objects.count() == 0
