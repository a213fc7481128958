"""How does a patient get a practitioner's time? Judge, claim, write; who loses the race is told why, and when else."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import slots, workflow
from appointments.events import AppointmentBooked
from appointments.models import Appointment, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.judging import Ask, judge, refuse
from appointments.services.locked import note
from healthcare.core.errors import Reason
from healthcare.core.events import publish
from patients.models import Patient

LOST = Reason("slot_taken", "Somebody else took this time in the same moment.")


class Lost(Exception):
    """A rival has one of the claims."""


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
) -> Appointment:
    """Give the patient the practitioner's time, or refuse with every reason and up to five alternatives.

    `by` is who books (a user id, None for the product itself). Raises UnknownKind, SlotTaken, PatientBusy, NotBookable.
    """
    ask = Ask(kind_named(kind), patient, practitioner, starts_at, now)
    for _ in range(practitioner.capacity + 1):  # a rival may take one lane while another is free
        slot = judge(ask)
        try:
            return _write(ask, slot, by=by, reason=reason, priority=priority)
        except Lost:
            continue
    refuse(ask, [LOST])


@transaction.atomic
def _write(ask: Ask, slot: slots.Slot, *, by: UUID | None, reason: str, priority: str) -> Appointment:
    row = Appointment(
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
    # First what a rival may hold: who loses has written nothing else. The claims' foreign key is checked at commit.
    if not claims.hold(claims.rows(row.id, slot.claims)):
        raise Lost
    row.save(force_insert=True)
    note(row, workflow.BY_VERB["book"], "", by=by, now=ask.now)
    ask.kind.on_step("book", row, by=by, now=ask.now)
    publish(AppointmentBooked(appointment_id=row.id, version=row.version))
    return row
