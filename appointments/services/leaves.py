"""What happens when a practitioner is away? Who is hit is shown first; taking the leave moves them; it can be undone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.events import HoursChanged, LeaveTaken, LeaveUndone
from appointments.models import Appointment, Leave, LeaveHit, Practitioner, ScheduleException
from appointments.services import claims, steps
from appointments.services.claims import Lost
from appointments.services.locked import locked
from appointments.services.making_room import MOVABLE, NewPlace, in_the_way, new_places, queue_up_for, take_places
from appointments.services.many import TRIES, Move, NotAllBookable, reschedule_many
from appointments.slots import Interval
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish

LONGEST = dt.timedelta(days=366)


class NoLeave(Refused):
    code = "leave_impossible"
    detail = "This can't be a leave."


class Undone(Refused):
    code = "leave_undone"
    detail = "This leave was undone already."


@dataclass(frozen=True, slots=True)
class Hit:
    """An appointment in the way, and where it would go; None: nothing was found."""

    appointment: Appointment
    place: NewPlace | None

    @property
    def outcome(self) -> str:
        if self.place is None:
            return LeaveHit.Outcome.LEFT
        return LeaveHit.Outcome.REASSIGNED if self.place.is_same_time else LeaveHit.Outcome.MOVED


def preview(*, practitioner: Practitioner, during: Interval, now: dt.datetime) -> list[Hit]:
    """Who would be hit by a leave, and what would become of each. Changes nothing. Raises NoLeave."""
    _check(during, now)
    rows = in_the_way(practitioner=practitioner, during=during)
    return _planned(rows, practitioner, during, now)


def take(
    *, practitioner: Practitioner, during: Interval, by: UUID | None, now: dt.datetime, cancel_unplaced: bool = False
) -> Leave:
    """Enter the leave and move whom it hits: to a colleague at the same time, else to the nearest free time. Those for whom
    nothing is found stay, for somebody to call them, or are cancelled. Each event tells its patient. Raises NoLeave."""
    _check(during, now)
    with transaction.atomic():
        claims.let_nobody_book(practitioner.pk)
        for _ in range(TRIES):
            try:
                with claims.held_or_lost():
                    return _taken(practitioner, during, by, now, cancel_unplaced)
            except Lost:
                continue
    raise NoLeave(reasons=[Reason("busy", "Others book the same times just now; try again.")])


@transaction.atomic
def undo(*, leave: Leave, by: UUID | None, now: dt.datetime) -> Leave:
    """The practitioner is there after all: take the leave back and return whom it moved where nothing has changed since.

    Those whose former time is gone or past, who moved on, or who were cancelled stay as they are. Raises Undone, NotFound.
    """
    row = Leave.objects.select_for_update(no_key=True).filter(pk=leave.pk).first()
    if row is None:
        raise NotFound
    if row.state == Leave.State.UNDONE:
        raise Undone
    _hold_all(row)
    if row.exception is not None:
        row.exception.delete()
    row.state, row.exception = Leave.State.UNDONE, None
    row.save(update_fields=["state", "exception"])
    for hit in row.hits.select_related("appointment").order_by("was_at", "pk"):
        if _returned(hit, by, now):
            hit.outcome = LeaveHit.Outcome.RETURNED
            hit.save(update_fields=["outcome"])
    publish(LeaveUndone(leave_id=row.id))
    _hours_changed(row.practitioner)
    return row


def _taken(practitioner: Practitioner, during: Interval, by: UUID | None, now: dt.datetime, cancel: bool) -> Leave:
    rows = _held(practitioner, during)
    stretch = DateTimeTZRange(during.start, during.end, "[)")
    exception = ScheduleException(practitioner=practitioner, effect=ScheduleException.Effect.LEAVE, during=stretch)
    exception.save(force_insert=True)
    leave = Leave(practitioner=practitioner, during=stretch, exception=exception, by=by)
    leave.save(force_insert=True)
    hits = _planned(sorted(rows, key=lambda r: (r.starts_at, r.pk)), practitioner, during, now)
    was = {hit.appointment.pk: (hit.appointment.practitioner_id, hit.appointment.starts_at) for hit in hits}
    places = {hit.appointment.pk: hit.place for hit in hits if hit.place is not None}
    moved = take_places(places, rows, by=by) if places else {}
    for hit in hits:
        pk = hit.appointment.pk
        went = moved.get(pk)
        outcome = hit.outcome
        if went is None and cancel:
            steps.cancel(appointment=hit.appointment, by=by, now=now)
            outcome = LeaveHit.Outcome.CANCELLED
        LeaveHit(
            leave=leave, appointment=hit.appointment, outcome=outcome, was_with=was[pk][0], was_at=was[pk][1],
            went_to=went.practitioner_id if went else None, went_at=went.starts_at if went else None,
        ).save(force_insert=True)  # fmt: skip
    publish(LeaveTaken(leave_id=leave.id))
    _hours_changed(practitioner)
    return leave


def _held(practitioner: Practitioner, during: Interval) -> list[Appointment]:
    """Whom it hits, nobody else's to change from now on. Raises Lost if somebody was moved into its way meanwhile."""
    rows = [locked(one) for one in sorted(in_the_way(practitioner=practitioner, during=during), key=lambda row: row.pk)]
    queue_up_for(rows, practitioner)
    still = {one.pk for one in in_the_way(practitioner=practitioner, during=during)}
    if still - {one.pk for one in rows}:
        raise Lost
    return [row for row in rows if row.pk in still]


def _planned(rows: Sequence[Appointment], practitioner: Practitioner, during: Interval, now: dt.datetime) -> list[Hit]:
    """A group is called off or held by somebody else as a whole: its seats are left for people to decide."""
    alone = [row for row in rows if row.group_id is None]
    places = new_places(alone, now=now, away=(practitioner.pk, during), same_time_first=True)
    return [Hit(row, places.get(row.pk)) for row in rows]


def _hold_all(leave: Leave) -> None:
    """Everybody it moved and all who have to do with them, in the order in which locks are taken."""
    hits = list(leave.hits.order_by("appointment"))
    patients = {locked(hit.appointment).patient_id for hit in hits}
    people = {leave.practitioner_id, *(who for hit in hits for who in (hit.was_with, hit.went_to) if who)}
    claims.queue_up(practitioners=people, patients=patients)


def _returned(hit: LeaveHit, by: UUID | None, now: dt.datetime) -> bool:
    row = hit.appointment
    is_where_we_put_it = (row.practitioner_id, row.starts_at) == (hit.went_to, hit.went_at) and row.state in MOVABLE
    if not is_where_we_put_it or hit.was_at <= now:
        return False
    back = Practitioner.objects.with_place().get(pk=hit.was_with)
    try:
        reschedule_many(moves=[Move(row, hit.was_at, back)], by=by, now=now)
    except NotAllBookable:
        return False
    return True


def _hours_changed(practitioner: Practitioner) -> None:
    """Another exception is another card to lists, though no column of it changed: so its version grows."""
    practitioner.refresh_from_db(fields=["version"])
    practitioner.save(update_fields=["version"])
    publish(HoursChanged(practitioner_id=practitioner.pk, version=practitioner.version))


def _check(during: Interval, now: dt.datetime) -> None:
    if during.is_empty or during.end <= now or during.end - during.start > LONGEST:
        raise NoLeave(reasons=[Reason(NoLeave.code, "A leave ends after it begins, in the future, and is a year at most.")])
