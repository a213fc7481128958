"""When can practitioners be booked? Asks the slot engine about what `diary` reads for it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from appointments import slots
from appointments.models import Practitioner
from appointments.plugins.base import Kind
from appointments.plugins.terms import is_offered, terms_of
from appointments.services.diary import Diary
from appointments.slots import Interval

FIRST_DAY, LAST_DAY = dt.date(1901, 1, 1), dt.date(2198, 12, 1)


def free_times(
    *,
    practitioner: Practitioner,
    kind: Kind,
    day: dt.date,
    days: int,
    now: dt.datetime,
    patient_id: UUID | None = None,
    ignoring: frozenset[UUID] = frozenset(),
    overbooking: bool = False,
) -> list[slots.Slot]:
    """The slots that start on `days` local days from `day` on; what is listed can be booked (by the patient, if named).

    `ignoring` are appointments that would move there: what they hold is free for them. `overbooking` lists as well what can be
    booked above the capacity only.
    """
    found = free_times_of(
        practitioners=[practitioner],
        kind=kind,
        day=day,
        days=days,
        now=now,
        patient_id=patient_id,
        ignoring=ignoring,
        overbooking=overbooking,
    )
    return found[practitioner.pk]


def free_times_of(
    *,
    practitioners: Sequence[Practitioner],
    kind: Kind,
    day: dt.date,
    days: int,
    now: dt.datetime,
    patient_id: UUID | None = None,
    ignoring: frozenset[UUID] = frozenset(),
    overbooking: bool = False,
) -> dict[UUID, list[slots.Slot]]:
    """Of many practitioners at once, each on the days of their own location's calendar; the same few queries for all."""
    found: dict[UUID, list[slots.Slot]] = {one.pk: [] for one in practitioners}
    if not FIRST_DAY <= day <= LAST_DAY:
        return found
    windows = {
        one: window
        for one in practitioners
        if one.is_active and is_offered(kind, one)
        if not (window := _open_part(slots.local_days(day, days, one.place.clock), now, kind, one)).is_empty
    }
    if windows:
        reach = Interval(min(w.start for w in windows.values()), max(w.end for w in windows.values()))
        diary = Diary(list(windows), kind, reach=reach, now=now, overbooking=overbooking)
        schedules = diary.schedules(reach, patient_id=patient_id, ignoring=ignoring)
        for (one, window), schedule in zip(windows.items(), schedules, strict=True):
            found[one.pk] = slots.offers(schedule, window)
    return found


def next_free(
    *,
    practitioner: Practitioner,
    kind: Kind,
    now: dt.datetime,
    patient_id: UUID | None = None,
    ignoring: frozenset[UUID] = frozenset(),
) -> slots.Slot | None:
    """The first slot that anybody (or the patient, if named) could book, None if there is none up to the horizon (at most 62
    days)."""
    window = _open_part(Interval(now, now + dt.timedelta(days=62)), now, kind, practitioner)
    if not (practitioner.is_active and is_offered(kind, practitioner)):
        return None
    (schedule,) = Diary([practitioner], kind, reach=window, now=now).schedules(window, patient_id=patient_id, ignoring=ignoring)
    return next(iter(slots.offers(schedule, window, limit=1)), None)


def _open_part(window: Interval, now: dt.datetime, kind: Kind, practitioner: Practitioner) -> Interval:
    """The part of the window in which bookings are open at all, so that nothing else is loaded."""
    terms = terms_of(kind, practitioner)
    start = max(window.start, now)
    last = window.end if terms.horizon is None else min(window.end, now + terms.horizon + slots.clock.TICK)
    return Interval(start, max(start, last))
