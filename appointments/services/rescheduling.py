"""How does an appointment move to another time? It keeps its id and history; its claims are swapped all or none."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import slots, workflow
from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.booking import LOST, tries
from appointments.services.claims import Lost
from appointments.services.judging import Ask, judge, refuse
from appointments.services.locked import locked
from appointments.services.many import put
from healthcare.core.errors import Refused, StaleWrite


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
    workflow.step("reschedule", row.state)
    if practitioner is None and appointment.practitioner_id != row.practitioner_id:
        raise StaleWrite  # whose time was asked for has handed it on meanwhile: nobody asked for a time of the other one
    to = practitioner or Practitioner.objects.with_place().get(pk=row.practitioner_id)
    ask = Ask(kind_named(row.kind), row.patient, to, starts_at, now, ignoring=frozenset({row.id}))
    if slots.clock.utc(starts_at) == row.starts_at and to.pk == row.practitioner_id:
        raise SameTime
    claims.queue_up(practitioners={row.practitioner_id, to.pk}, patients={row.patient_id})
    return put(row, ask, swapped(ask, row), by=by)


def swapped(ask: Ask, row: Appointment) -> slots.Slot:
    """The new slot, its claims held and the old ones gone. Raises as `judge` does."""
    for _ in range(tries(ask.practitioner)):
        slot = judge(ask)
        wanted = claims.rows(row.id, slot.claims)
        old = Claim.objects.filter(appointment=row.id, resource__in=("room", "device")).values_list("resource_id", flat=True)
        try:
            with claims.held_or_lost():
                claims.queue_up(practitioners=(), patients=(), resources=[*claims.things(wanted), *old])
                claims.swap([row.id], wanted)
            return slot
        except Lost:
            continue
    refuse(ask, [LOST])
