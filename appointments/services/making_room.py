"""Where do appointments go that must make room, for a leave or an emergency? To the nearest time, their own's or a colleague's.

Planned first, so that it can be shown; done as one: all claims are swapped together, each appointment keeps its id and
history, and each event tells its patient.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from appointments import slots
from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named, kinds
from appointments.services import claims
from appointments.services.diary import Diary, promise
from appointments.services.judging import FAR, Ask, around, colleagues_of, practitioner_reasons, suits
from appointments.services.many import put
from appointments.slots import Interval
from appointments.workflow import BY_VERB

MOVABLE = BY_VERB["reschedule"].sources


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where an appointment would go."""

    ask: Ask
    slot: slots.Slot

    @property
    def is_same_time(self) -> bool:
        return self.slot.starts_at == slots.clock.utc(self.ask.starts_at)


def in_the_way(*, practitioner: Practitioner, during: Interval, of: str = "appointment") -> list[Appointment]:
    """Appointments ahead whose time (`of` "claim": buffers included) touches the stretch, whatever their state of life is."""
    rows = Appointment.objects.for_page().filter(practitioner=practitioner)
    if of == "claim":
        held = Claim.objects.filter(resource_id=practitioner.pk, during__overlap=(during.start, during.end))
        return list(rows.filter(pk__in=held.values("appointment")).order_by("starts_at", "pk"))
    rows = rows.filter(state__in=MOVABLE, starts_at__lt=during.end, ends_at__gt=during.start)
    return list(rows.order_by("starts_at", "pk"))


def new_places(
    rows: Sequence[Appointment],
    *,
    now: dt.datetime,
    promised: Iterable[slots.Claim] = (),
    away: tuple[UUID, Interval] | None = None,
    same_time_first: bool = False,
) -> dict[UUID, NewPlace]:
    """A place for each of those that have one; earlier rows choose first. `promised` are claims that are spoken for,
    `away` a practitioner's leave that is not entered yet. With `same_time_first` a colleague at the same time is best."""
    taken, found = list(promised), {}
    moving = frozenset(row.pk for row in rows)
    for row in rows:
        if row.kind in kinds() and (place := _place(row, now, moving, taken, away, same_time_first)) is not None:
            found[row.pk] = place
            taken += place.slot.claims
    return found


def queue_up_for(rows: Iterable[Appointment], practitioner: Practitioner) -> None:
    """Wait for whoever moves something of the practitioner, or of a colleague to whom one of the rows may go."""
    known = {row.kind for row in rows} & set(kinds())
    colleagues = {one.pk for code in known for one in colleagues_of(practitioner, kind_named(code))}
    claims.queue_up(practitioners={practitioner.pk, *colleagues}, patients=())


def take_places(
    places: dict[UUID, NewPlace], rows: Sequence[Appointment], *, by: UUID | None, more: Sequence[Claim] = ()
) -> dict[UUID, Appointment]:
    """Move the rows (locked by the caller) to their places and take `more` claims with them. Raises Lost."""
    moving = [row for row in rows if row.pk in places]
    wanted = [c for row in moving for c in claims.rows(row.pk, places[row.pk].slot.claims)]
    old = Claim.objects.filter(appointment__in=[row.pk for row in moving], resource__in=("room", "device"))
    rooms = [*claims.things([*wanted, *more]), *old.values_list("resource_id", flat=True)]
    people = [c.resource_id for c in [*wanted, *more] if c.resource == "practitioner"]
    claims.queue_up(
        practitioners=[*people, *(row.practitioner_id for row in moving)],
        patients=[c.resource_id for c in [*wanted, *more] if c.resource == "patient"],
        resources=rooms,
    )
    claims.swap([row.pk for row in moving], [*wanted, *more])
    return {row.pk: _put(row, places[row.pk], by) for row in moving}


def _put(row: Appointment, place: NewPlace, by: UUID | None) -> Appointment:
    to = UUID(str(place.slot.practitioner).partition(":")[2])
    practitioner = Practitioner.objects.with_place().get(pk=to)
    return put(row, replace(place.ask, practitioner=practitioner), place.slot, by=by)


def _place(
    row: Appointment,
    now: dt.datetime,
    moving: frozenset[UUID],
    taken: Sequence[slots.Claim],
    away: tuple[UUID, Interval] | None,
    same_time_first: bool,
) -> NewPlace | None:
    own = Practitioner.objects.with_place().get(pk=row.practitioner_id)
    ask = Ask(kind_named(row.kind), row.patient, own, row.starts_at, now, ignoring=moving)
    colleagues = colleagues_of(own, ask.kind)
    diary = Diary([own, *colleagues], ask.kind, reach=around(ask, FAR), now=now)
    window = around(ask, FAR)
    claimed = diary.claimed(window, patient_ids=[row.patient_id], ignoring=moving)
    promise(claimed, taken)
    schedules = [diary.schedule(one, claimed, patient_id=row.patient_id) for one in (own, *colleagues)]
    if away is not None and away[0] == own.pk:
        schedules[0] = replace(schedules[0], subtractions=[*schedules[0].subtractions, slots.Subtraction(away[1])])
    fits = suits(ask, window)
    if same_time_first:
        same = (slots.slot_at(one, row.starts_at) for one in schedules[1:])
        if (slot := next((one for one in same if one is not None), None)) is not None:
            return NewPlace(ask, slot)
    able = schedules if not list(practitioner_reasons(ask)) else schedules[1:]
    best = slots.alternatives(able, row.starts_at, 1, window, fits) if able else []
    return NewPlace(ask, best[0]) if best else None
