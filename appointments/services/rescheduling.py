"""How does an appointment move to another time? It keeps its id and history; its claims are swapped all or none."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import slots, workflow
from appointments.events import AppointmentMoved
from appointments.models import Appointment, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.booking import LOST, Lost
from appointments.services.judging import Ask, judge, refuse
from appointments.services.locked import locked, step_taken
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from patients.models import Patient


class SameTime(Refused):
    code = "same_time"
    detail = "The appointment is at this time already."


@transaction.atomic
def reschedule(
    *,
    appointment: Appointment,
    starts_at: dt.datetime,
    by: UUID | None,
    now: dt.datetime,
    practitioner: Practitioner | None = None,
    version: int | None = None,
) -> Appointment:
    """Move it, also to another practitioner. Raises as `book` does, and SameTime, WrongState, StaleWrite: nothing changed."""
    row = locked(appointment, version)
    step = workflow.step("reschedule", row.state)
    to = practitioner or Practitioner.objects.with_place().get(pk=row.practitioner_id)
    ask = Ask(kind_named(row.kind), row.patient, to, starts_at, now, ignoring=row.id)
    if slots.clock.utc(starts_at) == row.starts_at and to.pk == row.practitioner_id:
        raise SameTime
    _lock_people(row, to)
    slot = _swapped(ask, row)
    facts = {"starts_at": row.starts_at.isoformat(), "practitioner": str(row.practitioner_id)}  # as they were
    row.practitioner, row.location_id = to, to.location_id
    row.starts_at, row.ends_at = slot.starts_at, slot.ends_at
    moved = ("practitioner", "location_id", "starts_at", "ends_at")
    step_taken(row, step, by=by, now=now, changed=moved, facts=facts)
    publish(AppointmentMoved(appointment_id=row.id, version=row.version))
    return row


def _swapped(ask: Ask, row: Appointment) -> slots.Slot:
    """The new slot, its claims held and the old ones gone."""
    for _ in range(ask.practitioner.capacity + 1):
        slot = judge(ask)
        try:
            with transaction.atomic():
                if not claims.swap(row.id, claims.rows(row.id, slot.claims)):
                    raise Lost
            return slot
        except Lost:
            continue
    refuse(ask, [LOST])


def _lock_people(row: Appointment, to: Practitioner) -> None:
    """Two that move into each other's time would wait for each other's old claims; so movers queue up, practitioners first."""
    people = Practitioner.objects.filter(pk__in={row.practitioner_id, to.pk}).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk"))
    list(Patient.objects.filter(pk=row.patient_id).select_for_update(no_key=True).values_list("pk"))
