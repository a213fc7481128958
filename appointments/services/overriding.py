"""How does an emergency get a time that others have? Asked by one who may book, approved by one who may; others make room."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import slots
from appointments.events import OverrideAsked, OverrideDecided
from appointments.models import Appointment, Override, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.booking import made, write
from appointments.services.claims import Lost
from appointments.services.judging import Ask, NotBookable, reasons_against
from appointments.services.locked import locked
from appointments.services.making_room import MOVABLE, NewPlace, in_the_way, new_places, queue_up_for, take_places
from appointments.services.many import TRIES
from appointments.slots import Interval
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish
from patients.models import Patient

PRESSING = (Priority.EMERGENCY, Priority.URGENT)
ORDER = {priority: number for number, priority in enumerate(Priority.values)}


class NotPressing(Refused):
    code = "not_pressing"
    detail = "Only an emergency or an urgent matter may ask others to make room, and says why."


class Decided(Refused):
    code = "override_decided"
    detail = "This was decided already."


class CannotMakeRoom(Refused):
    code = "cannot_make_room"
    detail = "Not everybody in the way can be moved."


@transaction.atomic
def ask(
    *,
    kind: str,
    patient: Patient,
    practitioner: Practitioner,
    starts_at: dt.datetime,
    priority: str,
    reason: str,
    by: UUID | None,
    now: dt.datetime,
) -> Override:
    """Ask that others make room. Raises NotPressing, NotBookable (for what no moving would help), CannotMakeRoom."""
    if priority not in PRESSING or not reason.strip():
        raise NotPressing
    wanted = Ask(kind_named(kind), patient, practitioner, starts_at, now)
    room_for(wanted, priority)
    row = Override(
        kind=kind,
        patient=patient,
        practitioner=practitioner,
        starts_at=starts_at,
        priority=priority,
        reason=reason,
        asked_by=by,
    )
    row.save(force_insert=True)
    publish(OverrideAsked(override_id=row.id))
    return row


def room_for(wanted: Ask, priority: str) -> tuple[slots.Slot, list[Appointment], dict[UUID, NewPlace]]:
    """The slot as it would be, those in its way and where each would go. Raises NotBookable, CannotMakeRoom."""
    diary = wanted.diary()
    about = Interval(wanted.about(), wanted.about())
    terms = diary.terms[wanted.practitioner.pk]
    start = wanted.about()
    held = Interval(start - terms.buffer_before, start + terms.length + terms.buffer_after)
    hits = in_the_way(practitioner=wanted.practitioner, during=held, of="claim")
    if stuck := [row for row in hits if row.state not in MOVABLE or ORDER[row.priority] <= ORDER[priority]]:
        words, zone = "The appointment of {starts_at} is as pressing or has begun.", wanted.practitioner.place.clock
        at = [{"starts_at": row.starts_at.astimezone(zone)} for row in stuck]
        raise CannotMakeRoom(reasons=[Reason("not_less_pressing", words, one, wanted.now) for one in at])
    moving = frozenset(row.pk for row in hits)
    (schedule,) = diary.schedules(about, patient_id=wanted.patient.pk, ignoring=moving)
    if against := reasons_against(wanted, schedule):
        raise NotBookable(against)
    slot = slots.slot_at(schedule, wanted.starts_at)
    assert slot is not None, "what nothing speaks against is offered"
    places = new_places(hits, now=wanted.now, promised=slot.claims)
    if len(places) < len(hits):
        raise CannotMakeRoom
    return slot, hits, places


def approve(*, override: Override, by: UUID | None, now: dt.datetime) -> Override:
    """Let others make room: they move to their nearest times, the emergency gets theirs; each is told by its event.

    Raises Decided, NotFound, NotBookable, CannotMakeRoom: nothing changed.
    """
    for _ in range(TRIES):
        try:
            with claims.held_or_lost():
                return _approved(override, by, now)
        except Lost:
            continue
    raise CannotMakeRoom


@transaction.atomic
def decline(*, override: Override, by: UUID | None, now: dt.datetime) -> Override:
    """Nobody makes room. Raises Decided, NotFound."""
    row = _undecided(override)
    return _decide(row, Override.State.DECLINED, by, now)


def _approved(override: Override, by: UUID | None, now: dt.datetime) -> Override:
    row = _undecided(override)
    practitioner = Practitioner.objects.with_place().get(pk=row.practitioner_id)
    wanted = Ask(kind_named(row.kind), row.patient, practitioner, row.starts_at, now)
    _, hits, _ = room_for(wanted, row.priority)
    held = [locked(one) for one in sorted(hits, key=lambda one: one.pk)]
    queue_up_for(held, practitioner)
    slot, hits, places = room_for(wanted, row.priority)  # as they are now that they are held
    if {one.pk for one in hits} != {one.pk for one in held}:
        raise Lost
    new = made(wanted, slot, by=row.asked_by, reason=row.reason, priority=row.priority)
    take_places(places, held, by=by, more=claims.rows(new.id, slot.claims))
    write(new, wanted)
    row.appointment = new
    return _decide(row, Override.State.APPROVED, by, now)


def _undecided(override: Override) -> Override:
    row = Override.objects.select_related("patient").select_for_update(of=("self",), no_key=True).filter(pk=override.pk).first()
    if row is None:
        raise NotFound
    if row.state != Override.State.ASKED:
        raise Decided
    return row


def _decide(row: Override, state: str, by: UUID | None, now: dt.datetime) -> Override:
    row.state, row.decided_by, row.decided_at = state, by, now
    row.save(update_fields=["state", "decided_by", "decided_at", "appointment"])
    publish(OverrideDecided(override_id=row.id, state=state))
    return row
