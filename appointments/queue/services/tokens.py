"""How does somebody get a number? By checking in, by walking in, or by being sent on from another queue."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.queue import verbs
from appointments.queue.models import Queue, Token
from appointments.queue.services import line
from appointments.queue.services.calling import step
from appointments.queue.services.locks import QueueClosed, locked_queues, open_one, token_in
from appointments.queue.services.log import NEXT_NUMBER, counted, record
from appointments.queue.services.opening import open_queue
from appointments.queue.services.truth import lead
from healthcare.core.errors import Refused
from patients.models import Patient


class SameQueue(Refused):
    code = "same_queue"
    detail = "The token is in this queue already."


@transaction.atomic
def arrive(*, appointment: Appointment, by: UUID | None, now: dt.datetime) -> Token:
    """The checked-in patient's number in the queue of the day they are booked for (or came on, when later); they wait.

    Raises QueueClosed.
    """
    at = max(now, appointment.starts_at)
    queue = open_queue(practitioner=appointment.practitioner, at=at, by=by, now=now)
    if not queue.is_open:
        raise QueueClosed
    token = Token(
        appointment=appointment,
        patient_id=appointment.patient_id,
        priority=appointment.priority,
        due_at=appointment.starts_at,
        arrived_at=now,
    )
    _issue(queue, token, by=by, now=now)
    lead(token, verbs.BY_NAME["issue"].state, by=by, now=now)
    return token


@transaction.atomic
def walk_in(
    *, queue: Queue, by: UUID | None, now: dt.datetime, patient: Patient | None = None, priority: str = "normal"
) -> Token:
    """A number for somebody without an appointment. Raises NotFound, QueueClosed."""
    token = Token(patient=patient, priority=priority, arrived_at=now)
    _issue(open_one(queue.pk), token, by=by, now=now)
    return token


@transaction.atomic
def transfer(*, token: Token, to: Queue, by: UUID | None, now: dt.datetime) -> Token:
    """Send somebody on to another open queue; their new token. What they waited counts there. Raises SameQueue, QueueClosed."""
    if to.pk == token.queue_id:
        raise SameQueue
    held = locked_queues([token.queue_id, to.pk])
    if not all(queue.is_open for queue in held.values()):
        raise QueueClosed
    old = token_in(held[token.queue_id], token)
    verb = verbs.allowed("transfer", old.status)
    step(verb, old, by=by, now=now)
    new = Token(
        appointment_id=old.appointment_id,
        patient_id=old.patient_id,
        priority=old.priority,
        due_at=old.due_at,
        arrived_at=old.arrived_at,
    )
    _issue(held[to.pk], new, by=by, now=now)
    lead(new, verb.state, by=by, now=now)
    return new


def _issue(queue: Queue, token: Token, *, by: UUID | None, now: dt.datetime) -> None:
    """The next number of the queue, whose lock the caller holds; so numbers have no gaps and are in the order of commit."""
    queue.last_number = counted(NEXT_NUMBER, queue)
    token.queue, token.serial, token.place = queue, queue.last_number, Decimal(0)
    token.number = f"{queue.prefix}-{token.serial:03d}"
    place = line.join(queue, token)
    token.save(force_insert=True)
    record(queue, verbs.BY_NAME["issue"].event, token, by=by, now=now, place=place)
