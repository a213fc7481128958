"""How do the tests of the queue get people into a queue?"""

import datetime as dt
from typing import Any

from django.utils import timezone

from appointments.models import Appointment
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.queue.services import tokens
from appointments.queue.services.opening import open_queue
from appointments.queue.waits.pace import ENOUGH
from healthcare.tests import make


def queue(**known: Any) -> Queue:
    now = timezone.now()
    known.setdefault("room", "Room 4")
    return open_queue(practitioner=known.pop("practitioner", None) or make.practitioner(**known), at=now, by=None, now=now)


def walk_in(into: Queue, **known: Any) -> Token:
    return tokens.walk_in(queue=into, by=None, now=known.pop("now", timezone.now()), **known)


def appointment(practitioner: Any, *, starts_in: float = 0, state: str = "scheduled", **known: Any) -> Appointment:
    """An appointment `starts_in` minutes from now, written straight into the table."""
    starts_at = timezone.now() + dt.timedelta(minutes=starts_in)
    row = Appointment(
        kind="consultation",
        patient=known.pop("patient", None) or make.patient(),
        practitioner=practitioner,
        location_id=practitioner.location_id,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=10),
        state=state,
        **known,
    )
    row.save()
    return row


def arrived(practitioner: Any, **known: Any) -> Token:
    """The token of a patient who was booked and has checked in."""
    from appointments.services import steps

    row = appointment(practitioner, **known)
    steps.check_in(appointment=row, by=None, now=timezone.now())
    return Token.objects.select_related("queue__practitioner", "appointment").get(appointment=row)


def state_of(token: Token) -> str:
    return str(Appointment.objects.values_list("state", flat=True).get(pk=token.appointment_id))


def log_of(queue_: Queue) -> list[tuple[int, str]]:
    return list(queue_.events.order_by("seq").values_list("seq", "event"))


def past(practitioner: Any, *, days_ago: int = 1, people: int = ENOUGH + 1, turn: float = 10, undone: bool = False) -> Queue:
    """A day that is over: all came at nine, were called one after another, `turn` minutes each."""
    day = timezone.localdate() - dt.timedelta(days=days_ago)
    nine = dt.datetime.combine(day, dt.time(9), dt.UTC)
    queue = Queue(practitioner=practitioner, day=day, prefix=str(practitioner.pk)[-3:], is_open=False)
    queue.save()
    for number in range(people):
        called = nine + dt.timedelta(minutes=turn * number)
        token = Token(queue=queue, serial=number + 1, number=f"P-{number + 1:03}", place=number, arrived_at=nine)
        token.status, token.called_at, token.finished_at = "finished", called, called + dt.timedelta(minutes=turn - 1)
        token.save()
        events = [("token.called", called), *([("token.undone", called + dt.timedelta(seconds=30))] if undone else [])]
        for step, (event, at) in enumerate(events):
            QueueEvent(queue=queue, seq=number * 2 + step + 1, event=event, token=token, face={}, at=at).save()
    return queue
