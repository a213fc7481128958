"""How does a patient get a practitioner's time? Judge, claim, write; who loses the race is told why, and when else."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from appointments import slots, workflow
from appointments.events import AppointmentBooked, AppointmentHeld
from appointments.models import Appointment, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.claims import Lost, Outdated
from appointments.services.judging import Ask, judge, refuse
from appointments.services.locked import note
from healthcare.core.errors import Reason
from healthcare.core.events import publish
from healthcare.core.fields import warm
from healthcare.core.jobs import enqueue
from patients.models import Patient

LOST = Reason("slot_taken", "Somebody else took this time in the same moment.")
MOST_TRIES = 30


def book(
    *,
    kind: str,
    patient: Patient,
    practitioner: Practitioner,
    starts_at: dt.datetime,
    by: UUID | None,
    now: dt.datetime,
    reason: str = "",
    priority: str = Priority.NORMAL,
    overbook: str | None = None,
    held_until: dt.datetime | None = None,
    search: bool = True,
) -> Appointment:
    """Give the patient the practitioner's time, or refuse with every reason and up to five alternatives.

    `by` is who books (a user id, None for the product itself). `overbook` is why a lane above the capacity may be taken where
    none is left. `held_until` makes it a hold: pending, until it is confirmed or that instant has come. Without `search` a
    refusal looks for no alternatives. Raises UnknownKind, SlotTaken, PatientBusy, NotBookable.
    """
    ask = Ask(kind_named(kind), patient, practitioner, starts_at, now, overbooking=overbook is not None, search=search)
    for _ in range(tries(practitioner)):  # a rival may take one lane while another is free; or the hours changed
        slot = judge(ask)
        row = made(ask, slot, by=by, reason=reason, priority=priority)
        row.overbook_reason = overbook if _above_capacity(slot, ask.practitioner) else None
        row.expires_at = held_until
        warm([row])  # the key store answers before the time is taken: nobody waits for it with us
        try:
            with claims.held_or_lost():
                # First what a rival may hold: who loses has written nothing else. Its foreign key is checked at commit.
                claims.hold_beside_leaves(claims.rows(row.id, slot.claims, expires_at=held_until), ask.practitioner)
                write(row, ask)
            return row
        except Outdated:
            ask = replace(ask, practitioner=Practitioner.objects.with_place().get(pk=practitioner.pk))
        except Lost:
            continue
    refuse(ask, [LOST])


def tries(practitioner: Practitioner) -> int:
    """As often as there may be a lane that a rival took and another that is free."""
    return min(practitioner.capacity + (practitioner.daily_limit or 0) + 3, MOST_TRIES)


def made(ask: Ask, slot: slots.Slot, *, by: UUID | None, reason: Any, priority: str) -> Appointment:
    """The appointment, not yet written."""
    return Appointment(
        kind=ask.kind.code,
        patient=ask.patient,
        practitioner=ask.practitioner,
        location_id=ask.practitioner.location_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        priority=priority,
        reason=reason,
        booked_by=by,
    )


def write(row: Appointment, ask: Ask) -> None:
    """Row, history, the kind's hook and the event, in the transaction in which its claims were taken."""
    step = workflow.BY_VERB["reserve" if row.expires_at else "book"]
    row.state = step.target.value
    row.save(force_insert=True)
    note(row, step, "", by=row.booked_by, now=ask.now, facts={"overbooked": True} if row.overbook_reason else None)
    ask.kind.on_step(step.verb, row, by=row.booked_by, now=ask.now)
    if row.expires_at is None:
        publish(AppointmentBooked.of(row))
        return
    after = row.expires_at - ask.now + dt.timedelta(seconds=1)
    enqueue("appointment.expire", key=f"appointment.expire:{row.id}", after=after, appointment_id=row.id)
    publish(AppointmentHeld.of(row))


def _above_capacity(slot: slots.Slot, practitioner: Practitioner) -> bool:
    limits = {"practitioner": practitioner.capacity, "quota": practitioner.daily_limit or 0}
    return any(claim.lane >= limits.get(str(claim.resource).partition(":")[0], claim.lane + 1) for claim in slot.claims)
