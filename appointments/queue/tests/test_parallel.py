"""Do numbers and seqs stay free of gaps when many hands work at once, and does nobody lock anybody out?"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.queue.services import calling
from appointments.queue.tests import make as queues
from appointments.queue.waits.reading import told
from appointments.services import steps
from clinics.models import Clinic
from healthcare.core.errors import Refused
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parallel]
HANDS = 16


def at_once(clinic: Any, calls: list[Callable[[], Any]]) -> list[str]:
    """Each call on a connection of its own; `ok` or the refusal's code. Any other error is the test's."""

    def one(call: Callable[[], Any]) -> str:
        try:
            with in_clinic(clinic):
                call()
            return "ok"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(one, calls))


@pytest.fixture
def clinic() -> Any:
    return Clinic.objects.get(slug="north")


def assert_logs_agree() -> None:
    """Every queue's log counts 1, 2, 3 …, its numbers too, and replaying it ends where the tokens are."""
    for queue in Queue.objects.all():
        events = list(QueueEvent.objects.filter(queue=queue).order_by("seq"))
        assert [e.seq for e in events] == list(range(1, queue.seq + 1))
        serials = sorted(Token.objects.filter(queue=queue).values_list("serial", flat=True))
        assert serials == list(range(1, queue.last_number + 1))
        told = {e.face["id"]: e.face["status"] for e in events}
        assert told == {str(i): s for i, s in Token.objects.filter(queue=queue).values_list("id", "status")}


def test_sixteen_hands_checking_in_open_one_queue_and_give_numbers_without_gaps(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor = make.practitioner()
        patients = [queues.appointment(doctor, starts_in=n % 50) for n in range(48)]

    def check_in(row: Appointment) -> Callable[[], Any]:
        return lambda: steps.check_in(appointment=row, by=None, now=timezone.now())

    assert at_once(clinic, [check_in(row) for row in patients]) == ["ok"] * 48
    with in_clinic(clinic):
        assert Queue.objects.count() == 1
        assert sorted(Token.objects.values_list("number", flat=True)) == [f"A-{n:03d}" for n in range(1, 49)]
        assert_logs_agree()


def test_sixteen_practitioners_whose_day_begins_at_once_get_sixteen_letters(clinic: Any) -> None:
    with in_clinic(clinic):
        doctors = [make.practitioner() for _ in range(HANDS)]
    answers = at_once(clinic, [lambda d=d: queues.queue(practitioner=d) for d in doctors])
    assert answers == ["ok"] * HANDS
    with in_clinic(clinic):
        assert sorted(Queue.objects.values_list("prefix", flat=True)) == list("ABCDEFGHIJKLMNOP")


def test_eight_desks_that_call_next_at_once_call_eight_people(clinic: Any) -> None:
    with in_clinic(clinic):
        queue = queues.queue()
        for _ in range(5):
            queues.walk_in(queue)
    answers = at_once(clinic, [lambda: calling.call_next(queue=queue, by=None, now=timezone.now())] * 8)
    assert sorted(answers) == ["ok"] * 5 + ["queue_empty"] * 3
    with in_clinic(clinic):
        assert Token.objects.filter(status="called", calls=1).count() == 5
        assert_logs_agree()


def test_clicks_at_the_queue_and_on_the_appointments_at_once_never_deadlock_and_end_as_one_truth(clinic: Any) -> None:
    with in_clinic(clinic):
        doctors = [make.practitioner() for _ in range(2)]
        rows = [queues.appointment(doctor, starts_in=n) for n in range(6) for doctor in doctors]
        for row in rows:
            steps.check_in(appointment=row, by=None, now=timezone.now())
        tokens = list(Token.objects.all())

    def at_the_queue(verb: str, token: Token) -> Callable[[], Any]:
        return lambda: getattr(calling, verb)(token=token, by=None, now=timezone.now())

    def on_the_appointment(verb: str, row: Appointment) -> Callable[[], Any]:
        return lambda: getattr(steps, verb)(appointment=row, by=None, now=timezone.now())

    chance = random.Random(7)
    calls = [at_the_queue(verb, t) for t in tokens for verb in ("start", "hold", "skip", "finish")]
    calls += [on_the_appointment(verb, row) for row in rows for verb in ("start", "cancel", "hold", "complete")]
    chance.shuffle(calls)
    assert set(at_once(clinic, calls)) <= {"ok", "wrong_status", "wrong_state"}
    agree = {
        "waiting": {"waiting", "called", "skipped"},
        "in_progress": {"serving"},
        "on_hold": {"held"},
        "completed": {"finished"},
        "cancelled": {"cancelled"},
    }
    with in_clinic(clinic):
        for token in Token.objects.select_related("appointment"):
            assert token.appointment is not None
            assert token.status in agree[token.appointment.state]
        assert_logs_agree()


def test_outside_a_transaction_the_wait_comes_from_the_cache(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor = make.practitioner()
        queues.past(doctor)
        queue, now = queues.queue(practitioner=doctor), timezone.now()
        queues.walk_in(queue)
        queue.refresh_from_db()
        rows = list(Token.objects.filter(queue=queue))
        first = told({queue: rows}, now=now)
        assert first and told({queue: rows}, now=now) == first
