"""How does an appointment go to somebody else? Before it begins it is reassigned; later it ends here and goes on there."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import workflow
from appointments.events import AppointmentBooked, AppointmentMoved, AppointmentStepped, AppointmentTransferred
from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.availability import next_free
from appointments.services.booking import LOST, made, tries
from appointments.services.claims import Lost
from appointments.services.judging import Ask, judge, refuse
from appointments.services.locked import locked, note, step_taken
from appointments.services.rescheduling import SameTime, swapped
from healthcare.core.errors import Refused
from healthcare.core.events import publish


class NobodyFree(Refused):
    code = "nobody_free"
    detail = "The practitioner has no free time for this."


@transaction.atomic
def reassign(
    *, appointment: Appointment, practitioner: Practitioner, by: UUID | None, now: dt.datetime, version: int | None = None
) -> Appointment:
    """Same time, another practitioner; id and history stay. Raises as `reschedule` does."""
    row = locked(appointment, version)
    step = workflow.step("reassign", row.state)
    if practitioner.pk == row.practitioner_id:
        raise SameTime("The appointment is with this practitioner already.")
    claims.queue_up(practitioners={row.practitioner_id, practitioner.pk}, patients={row.patient_id})
    ask = Ask(kind_named(row.kind), row.patient, practitioner, row.starts_at, now, ignoring=frozenset({row.id}))
    slot = swapped(ask, row)
    facts = {"practitioner": str(row.practitioner_id), "ends_at": row.ends_at.isoformat()}  # as they were
    row.practitioner, row.location_id, row.ends_at, row.group = practitioner, practitioner.location_id, slot.ends_at, None
    step_taken(row, step, by=by, now=now, changed=("practitioner", "location_id", "ends_at", "group"), facts=facts)
    publish(AppointmentMoved.of(row))
    return row


@transaction.atomic
def transfer(
    *,
    appointment: Appointment,
    practitioner: Practitioner,
    by: UUID | None,
    now: dt.datetime,
    starts_at: dt.datetime | None = None,
    kind: str | None = None,
    version: int | None = None,
) -> Appointment:
    """Let somebody else take over, also once the patient is here: this appointment ends as transferred, and a successor with
    the same patient, reason and priority is booked, by default at the next free time. Answers the successor.

    Raises as `book` does, and WrongState, StaleWrite, NobodyFree.
    """
    row = locked(appointment, version)
    step = workflow.step("transfer", row.state)
    claims.queue_up(practitioners={row.practitioner_id, practitioner.pk}, patients={row.patient_id})
    wanted = kind_named(kind or row.kind)
    if starts_at is None:
        free = next_free(
            practitioner=practitioner, kind=wanted, now=now, patient_id=row.patient_id, ignoring=frozenset({row.id})
        )
        if free is None:
            raise NobodyFree
        starts_at = free.starts_at
    ask = Ask(wanted, row.patient, practitioner, starts_at, now, ignoring=frozenset({row.id}))
    successor = _succeeded(ask, row, by)
    successor.state = workflow.BY_VERB["book"].target.value
    successor.save(force_insert=True)
    facts = {"transferred_from": str(row.id)}
    note(successor, workflow.BY_VERB["book"], "", by=by, now=now, facts=facts)
    ask.kind.on_step("book", successor, by=by, now=now)
    row.transferred_to = successor
    step_taken(row, step, by=by, now=now, changed=("transferred_to",), facts={"transferred_to": str(successor.id)})
    publish(AppointmentStepped.of(row, verb="transfer", to_state=step.target.value))
    publish(AppointmentTransferred.of(row, successor_id=successor.id))
    publish(AppointmentBooked.of(successor))
    return successor


def _succeeded(ask: Ask, row: Appointment, by: UUID | None) -> Appointment:
    """The successor, not yet written, its claims held and the old ones gone."""
    for _ in range(tries(ask.practitioner)):
        slot = judge(ask)
        successor = made(ask, slot, by=by, reason=row.reason, priority=row.priority)
        wanted = claims.rows(successor.id, slot.claims)
        old = Claim.objects.filter(appointment=row.id, resource__in=("room", "device")).values_list("resource_id", flat=True)
        try:
            with claims.held_or_lost():
                claims.queue_up(practitioners=(), patients=(), resources=[*claims.things(wanted), *old])
                claims.swap([row.id], wanted)
            return successor
        except Lost:
            continue
    refuse(ask, [LOST])
