"""How does a queue's day end, and who did not come?"""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.models import Appointment
from appointments.queue import tasks
from appointments.queue.models import Queue, Token
from appointments.queue.services import calling
from appointments.queue.services.closing import close
from appointments.queue.tests import make as queues
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_north")]


def jobs(name: str) -> list[Job]:
    with on_platform():
        return list(Job.objects.filter(name=name).order_by("id"))


def test_an_empty_queue_closes() -> None:
    queue = queues.queue()
    assert close(queue=queue, now=timezone.now())
    assert not Queue.objects.get(pk=queue.pk).is_open


def test_closing_twice_does_nothing_more() -> None:
    queue = queues.queue()
    assert [close(queue=queue, now=timezone.now()) for _ in range(2)] == [True, True]


def test_a_queue_in_which_somebody_waits_stays_open() -> None:
    token = queues.arrived(make.practitioner())
    assert not close(queue=token.queue, now=timezone.now())
    assert Queue.objects.get(pk=token.queue_id).is_open


def test_at_last_it_closes_over_whoever_is_left_and_their_appointments_end() -> None:
    doctor, now = make.practitioner(), timezone.now()
    waiting, seen, held = (queues.arrived(doctor) for _ in range(3))
    walk_in = queues.walk_in(waiting.queue)
    calling.start(token=seen, by=None, now=now)
    calling.hold(token=held, by=None, now=now)
    assert close(queue=waiting.queue, now=now, whoever_waits=True)
    ended = [queues.state_of(t) for t in (waiting, seen, held)]
    statuses = dict(Token.objects.values_list("id", "status"))
    assert ended == ["no_show", "completed", "cancelled"]
    assert [statuses[t.id] for t in (waiting, seen, held, walk_in)] == ["cancelled", "finished", "cancelled", "cancelled"]


def test_opening_a_queue_owes_its_closing_after_its_day() -> None:
    queue = queues.queue()
    (job,) = jobs("queue.close")
    ends = dt.datetime.combine(queue.day + dt.timedelta(days=1), dt.time(), queue.practitioner.place.clock)
    assert dt.timedelta(minutes=14) < job.due_at - ends < dt.timedelta(minutes=16)
    assert job.args == {"queue_id": str(queue.id), "round": 0}


def test_the_job_looks_again_an_hour_later_while_somebody_is_there_and_then_closes_all_the_same() -> None:
    queue = queues.walk_in(queues.queue()).queue
    for _ in range(2):  # it may run twice
        tasks.close_queue(queue_id=str(queue.id), round=0)
    assert [job.args["round"] for job in jobs("queue.close")] == [0, 1]
    tasks.close_queue(queue_id=str(queue.id), round=tasks.ROUNDS)
    assert not Queue.objects.get(pk=queue.pk).is_open


@pytest.mark.parametrize(
    ("ended_ago", "state", "becomes"),
    [
        (31, "scheduled", "no_show"),
        (31, "confirmed", "no_show"),
        (29, "scheduled", "scheduled"),
        (31, "completed", "completed"),
    ],
)
def test_who_did_not_check_in_half_an_hour_after_the_end_did_not_come(ended_ago: int, state: str, becomes: str) -> None:
    row = queues.appointment(make.practitioner(), starts_in=-ended_ago - 10, state=state)
    for _ in range(2):
        tasks.mark_no_show(appointment_id=str(row.id), version=row.version)
    assert Appointment.objects.get(pk=row.pk).state == becomes


def test_an_appointment_that_is_gone_is_no_error() -> None:
    tasks.mark_no_show(appointment_id="0198a000-0000-7000-8000-000000000000", version=1)
