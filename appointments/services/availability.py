"""When can a practitioner be booked? Loads what the slot engine needs, in three queries for one or many, and asks it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from appointments import slots
from appointments.models import Claim, Place, Practitioner, ScheduleException, WeeklyTemplate
from appointments.plugins.base import PATIENT, PRACTITIONER, Kind
from appointments.plugins.terms import is_offered, terms_of
from appointments.services.claims import key
from appointments.slots import Interval, Schedule, WeeklyHours

FIRST_DAY, LAST_DAY = dt.date(1901, 1, 1), dt.date(2198, 12, 1)
# of a practitioner for whom nobody has entered hours
USUAL_HOURS = tuple(WeeklyHours(weekday, dt.time(9), dt.time(18)) for weekday in range(5))


def free_times(
    *, practitioner: Practitioner, kind: Kind, day: dt.date, days: int, now: dt.datetime, patient_id: UUID | None = None
) -> list[slots.Slot]:
    """The slots that start on `days` local days from `day` on; what is listed can be booked (by the patient, if named)."""
    if not (practitioner.is_active and is_offered(kind, practitioner) and FIRST_DAY <= day <= LAST_DAY):
        return []
    window = _open_part(slots.local_days(day, days, practitioner.place.clock), now, kind, practitioner)
    if window.is_empty:
        return []
    (schedule,) = Diary([practitioner], kind, reach=window, now=now).schedules(window, patient_id=patient_id)
    return slots.offers(schedule, window)


def next_free(*, practitioner: Practitioner, kind: Kind, now: dt.datetime) -> slots.Slot | None:
    """The first slot that anybody could book, None if there is none up to the horizon (at most 62 days)."""
    window = _open_part(Interval(now, now + dt.timedelta(days=62)), now, kind, practitioner)
    if not (practitioner.is_active and is_offered(kind, practitioner)):
        return None
    (schedule,) = Diary([practitioner], kind, reach=window, now=now).schedules(window)
    return next(iter(slots.offers(schedule, window, limit=1)), None)


class Diary:
    """Hours and exceptions of some practitioners, read once for a stretch of time; claims are read for the part asked about."""

    def __init__(self, practitioners: Sequence[Practitioner], kind: Kind, *, reach: Interval, now: dt.datetime) -> None:
        self.practitioners, self.kind, self.now = practitioners, kind, now
        self.terms = {one.pk: terms_of(kind, one) for one in practitioners}
        self.longest = max(one.length + one.buffer_before + one.buffer_after for one in self.terms.values())
        self.hours = _hours(practitioners)
        self.exceptions = _exceptions(practitioners, self._around(reach))

    def schedules(self, window: Interval, *, patient_id: UUID | None = None, ignoring: UUID | None = None) -> list[Schedule]:
        """All that decides about starts in the window; the claims of the appointment `ignoring` don't count."""
        wanted = {*self.terms, patient_id} if PATIENT in self.kind.claims else {*self.terms}
        busy = _busy([one for one in wanted if one is not None], self._around(window), ignoring)
        patient = slots.Resource(key(PATIENT, patient_id), busy[patient_id]) if patient_id and patient_id in wanted else None
        return [self._schedule(one, busy[one.pk], patient) for one in self.practitioners]

    def _schedule(self, practitioner: Practitioner, busy: list[slots.Busy], patient: slots.Resource | None) -> Schedule:
        exceptions = self.exceptions[practitioner.pk]
        return Schedule(
            practitioner=slots.Resource(key(PRACTITIONER, practitioner.pk), busy, practitioner.capacity),
            zone=practitioner.place.clock,
            now=self.now,
            terms=self.terms[practitioner.pk],
            hours=self.hours[practitioner.pk] or USUAL_HOURS,
            location_hours=_location_hours(practitioner.place),
            subtractions=[made for made in exceptions if isinstance(made, slots.Subtraction)],
            additions=[made for made in exceptions if isinstance(made, slots.Addition)],
            patient=patient,
        )

    def _around(self, window: Interval) -> DateTimeTZRange:
        return DateTimeTZRange(window.start - self.longest, window.end + self.longest)


def _open_part(window: Interval, now: dt.datetime, kind: Kind, practitioner: Practitioner) -> Interval:
    """The part of the window in which bookings are open at all, so that nothing else is loaded."""
    terms = terms_of(kind, practitioner)
    start = max(window.start, now)
    last = window.end if terms.horizon is None else min(window.end, now + terms.horizon + slots.clock.TICK)
    return Interval(start, max(start, last))


def _hours(practitioners: Iterable[Practitioner]) -> dict[UUID, list[WeeklyHours]]:
    found: dict[UUID, list[WeeklyHours]] = defaultdict(list)
    rows = WeeklyTemplate.objects.filter(practitioner__in=practitioners)
    columns = ("practitioner_id", "weekday", "opens", "closes", "valid_from", "valid_until")
    for practitioner_id, *hours in rows.values_list(*columns):
        found[practitioner_id].append(WeeklyHours(*hours))
    return found


def _exceptions(
    practitioners: Sequence[Practitioner], around: DateTimeTZRange
) -> dict[UUID, list[slots.Subtraction | slots.Addition]]:
    found: dict[UUID, list[slots.Subtraction | slots.Addition]] = defaultdict(list)
    whose = Q(practitioner__in=practitioners) | Q(practitioner=None)
    rows = ScheduleException.objects.filter(whose, during__overlap=around)
    for practitioner_id, effect, during in rows.values_list("practitioner_id", "effect", "during"):
        time = Interval(during.lower, during.upper)
        is_extra = effect == ScheduleException.Effect.EXTRA
        # an extra session is entered knowing of the opening hours; leave and holidays stay stronger
        made = slots.Addition(time, frozenset({"closed"})) if is_extra else slots.Subtraction(time, effect)
        for one in [practitioner_id] if practitioner_id else [p.pk for p in practitioners]:
            found[one].append(made)
    return found


def _busy(resource_ids: Iterable[UUID], around: DateTimeTZRange, ignoring: UUID | None) -> dict[UUID | None, list[slots.Busy]]:
    found: dict[UUID | None, list[slots.Busy]] = defaultdict(list)
    # one OR-ed condition each: the constraint's GiST index serves equality, not a list
    whose = reduce(or_, (Q(resource_id=one) for one in resource_ids))
    rows = Claim.objects.filter(whose, during__overlap=around)
    if ignoring is not None:
        rows = rows.exclude(appointment=ignoring)
    for resource_id, lane, during in rows.values_list("resource_id", "lane", "during"):
        found[resource_id].append(slots.Busy(Interval(during.lower, during.upper), lane))
    return found


def _location_hours(place: Place) -> list[WeeklyHours] | None:
    return [_opening(row) for row in place.hours] or None


def _opening(row: dict[str, Any]) -> WeeklyHours:
    opens, closes = (dt.time.fromisoformat("00:00" if row[name] == "24:00" else row[name]) for name in ("opens", "closes"))
    return WeeklyHours(int(row["weekday"]), opens, closes)
