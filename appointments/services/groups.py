"""How do several patients share one meeting? The session holds practitioner and room once; each patient holds a seat of it."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import slots, workflow
from appointments.events import GroupSessionChanged
from appointments.models import Appointment, Claim, GroupSession, Practitioner, Priority, ScheduleException
from appointments.plugins.registry import kind_named
from appointments.services import claims, steps
from appointments.services.booking import LOST, tries, write
from appointments.services.claims import Lost, Outdated
from appointments.services.diary import Diary
from appointments.services.judging import Ask, NotBookable, patient_reasons, practitioner_reasons
from appointments.services.locked import locked
from appointments.slots import Interval
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish
from patients.models import Patient

FULL = Reason("group_full", "All seats of this session are taken.")


class GroupFull(NotBookable):
    code = "group_full"


class Over(Refused):
    code = "group_over"
    detail = "This session was called off, or has begun."


def plan(
    *,
    kind: str,
    practitioner: Practitioner,
    starts_at: dt.datetime,
    seats: int,
    by: UUID | None,
    now: dt.datetime,
    title: str = "",
) -> GroupSession:
    """A session of so many seats. Practitioner, room and device are held as for one appointment. Raises NotBookable."""
    for _ in range(tries(practitioner)):
        slot = _judged(kind, practitioner, starts_at, now)
        row = GroupSession(
            kind=kind, title=title, practitioner=practitioner, location_id=practitioner.location_id, seats=seats,
            starts_at=slot.starts_at, ends_at=slot.ends_at, created_by=by,
        )  # fmt: skip
        try:
            with claims.held_or_lost():
                claims.hold_beside_leaves(claims.rows(None, slot.claims, group_id=row.id), practitioner)
                row.save(force_insert=True)
                publish(GroupSessionChanged(group_id=row.id, version=row.version))
            return row
        except Outdated:
            practitioner = Practitioner.objects.with_place().get(pk=practitioner.pk)
        except Lost:
            continue
    raise NotBookable([LOST])


def join(
    *,
    group: GroupSession,
    patient: Patient,
    by: UUID | None,
    now: dt.datetime,
    reason: str = "",
    priority: str = Priority.NORMAL,
) -> Appointment:
    """Give the patient a seat: an appointment like others, that holds the seat and the patient.

    Raises GroupFull, NotBookable, Over.
    """
    if group.is_cancelled or group.starts_at <= now:
        raise Over
    wanted, during = kind_named(group.kind), Interval(group.starts_at, group.ends_at)
    if against := patient_reasons(Ask(wanted, patient, group.practitioner, group.starts_at, now)):
        raise NotBookable(against)
    for _ in range(group.seats + 1):
        row = Appointment(
            kind=group.kind, patient=patient, practitioner=group.practitioner, location_id=group.location_id, group=group,
            starts_at=group.starts_at, ends_at=group.ends_at, reason=reason, priority=priority, booked_by=by,
        )  # fmt: skip
        seat = slots.Claim(claims.key("seat", group.id), _free_seat(group), during)
        mine = slots.Claim(claims.key("patient", patient.pk), 0, during)
        try:
            with claims.held_or_lost():
                _still_on(group)
                rows = claims.rows(row.id, [seat, mine])
                held = claims.take(rows, beside=[group.practitioner_id])
                _not_away(group)
                if rows[1].id not in held:
                    raise NotBookable([Reason("patient_busy", "The patient has something else at that time.")])
                if len(held) < 2:
                    raise Lost
                write(row, Ask(wanted, patient, group.practitioner, group.starts_at, now))
            return row
        except Lost:
            continue
    raise GroupFull([FULL])


@transaction.atomic
def call_off(*, group: GroupSession, by: UUID | None, now: dt.datetime, reason: str = "") -> GroupSession:
    """It will not take place: every patient's appointment is cancelled, and they are told. Raises NotFound, Over."""
    row = GroupSession.objects.select_for_update(no_key=True).filter(pk=group.pk).first()
    if row is None:
        raise NotFound
    if row.is_cancelled:
        raise Over
    there = [locked(one) for one in row.appointments.order_by("pk")]  # before any time is free that somebody may wait for
    row.is_cancelled = True
    row.save(update_fields=["is_cancelled"])
    Claim.objects.filter(group=row).delete()
    for one in there:
        if one.group_id == row.pk and one.state in workflow.BY_VERB["cancel"].sources:
            steps.cancel(appointment=one, by=by, now=now, reason=reason)
    publish(GroupSessionChanged(group_id=row.id, version=row.version))
    return row


def _judged(kind: str, practitioner: Practitioner, starts_at: dt.datetime, now: dt.datetime) -> slots.Slot:
    """The practitioner's slot, whoever comes. Raises NotBookable."""
    ask = Ask(kind_named(kind), None, practitioner, starts_at, now)  # type: ignore[arg-type]
    window = Interval(ask.about(), ask.about())
    (schedule,) = Diary([practitioner], ask.kind, reach=window, now=now).schedules(window)
    if against := [*practitioner_reasons(ask), *(Reason(*one) for one in slots.refusals(schedule, starts_at))]:
        raise NotBookable(against)
    slot = slots.slot_at(schedule, starts_at)
    assert slot is not None, "what nothing speaks against is offered"
    return slot


def _free_seat(group: GroupSession) -> int:
    """The lowest seat that is free. Raises GroupFull."""
    taken = set(Claim.objects.filter(resource="seat", resource_id=group.pk).values_list("lane", flat=True))
    free = next((lane for lane in range(group.seats) if lane not in taken), None)
    if free is None:
        raise GroupFull([FULL])
    return free


def _not_away(group: GroupSession) -> None:
    """Asked once the seat is held: a leave that has not seen it is seen here. Raises NotBookable."""
    away = ScheduleException.objects.filter(practitioner=group.practitioner_id, effect=ScheduleException.Effect.LEAVE)
    if away.filter(during__overlap=(group.starts_at, group.ends_at)).exists():
        raise NotBookable([Reason("on_leave", "The practitioner is on leave then.")])


def _still_on(group: GroupSession) -> None:
    """Held with the seat: a session that is being called off waits for us, or we for it."""
    on = GroupSession.objects.select_for_update(no_key=True).filter(pk=group.pk, is_cancelled=False)
    if on.first() is None:
        raise Over
