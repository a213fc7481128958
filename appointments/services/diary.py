"""What decides about practitioners' times? Hours, exceptions, rooms and claims, read in four queries for one or for many."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from appointments import slots
from appointments.models import Place, Practitioner, Resource, ScheduleException, WeeklyTemplate
from appointments.plugins.base import DEVICE, PATIENT, PRACTITIONER, ROOM, Kind
from appointments.plugins.terms import terms_of
from appointments.services.claims import key
from appointments.slots import Busy, Interval, Schedule, WeeklyHours
from appointments.slots.clock import TICK
from healthcare.core.tenancy import current_clinic

# of a practitioner for whom nobody has entered hours
USUAL_HOURS = tuple(WeeklyHours(weekday, dt.time(9), dt.time(18)) for weekday in range(5))
OVERBOOKED_LANES = 5  # above the capacity; deliberate overbooking has an end too
QUOTAS = UUID("6f2c1c44-7a53-5c0e-9b58-4f1d6a1e7c10")  # namespace of the ids of days' quotas
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Found = dict[UUID, list[Busy]]

# One index scan a resource: the constraint's GiST index serves equality, not a list. Times that touch come as one. Instants
# come as microseconds since 1970: Django's loader of timestamps would take as long as all the rest of it.
CLAIMS = """
SELECT c.resource_id, c.lane, (extract(epoch FROM lower(c.part)) * 1000000)::bigint,
  (extract(epoch FROM upper(c.part)) * 1000000)::bigint
FROM (
  SELECT asked.id AS resource_id, c.lane, unnest(range_agg(c.during)) AS part FROM unnest(%(ids)s::uuid[]) asked(id)
  CROSS JOIN LATERAL (
    SELECT lane, during FROM appointments_claim WHERE resource_id = asked.id AND during && %(reach)s::tstzrange
    AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)
    AND (appointment_id IS NULL OR NOT appointment_id = ANY(%(ignoring)s::uuid[]))
  ) c GROUP BY asked.id, c.lane
) c
"""
ELSEWHERE = """
UNION ALL SELECT person_id, NULL, (extract(epoch FROM lower(during)) * 1000000)::bigint,
  (extract(epoch FROM upper(during)) * 1000000)::bigint
FROM public.busy_elsewhere(%(people)s::uuid[], %(clinic)s::uuid, %(reach)s::tstzrange)
"""


class Diary:
    """Hours, exceptions and rooms of some practitioners for one kind, read once; claims are read for the part asked about."""

    def __init__(
        self,
        practitioners: Sequence[Practitioner],
        kind: Kind,
        *,
        reach: Interval,
        now: dt.datetime,
        overbooking: bool = False,
    ) -> None:
        self.practitioners, self.kind, self.now = practitioners, kind, now
        self.more_lanes = OVERBOOKED_LANES if overbooking else 0
        self.terms = {one.pk: terms_of(kind, one) for one in practitioners}
        self.longest = max(one.length + one.buffer_before + one.buffer_after for one in self.terms.values())
        if any(one.daily_limit for one in practitioners) or kind.patient_day_limit:
            self.longest += dt.timedelta(hours=25)  # a day's quota is held for the whole day
        self.hours = _hours(practitioners)
        self.things = _things(practitioners, kind)
        self.exceptions, self.closed = _exceptions(practitioners, self.things, self._around(reach))

    def schedules(self, window: Interval, *, patient_id: UUID | None = None, ignoring: Collection[UUID] = ()) -> list[Schedule]:
        """All that decides about starts in the window; the claims of the appointments `ignoring` don't count."""
        found = self.claimed(window, patient_ids=[patient_id] if patient_id else [], ignoring=ignoring)
        return [self.schedule(one, found, patient_id=patient_id) for one in self.practitioners]

    def claimed(self, window: Interval, *, patient_ids: Iterable[UUID] = (), ignoring: Collection[UUID] = ()) -> Found:
        """Who and what is claimed around the window, by id; also these patients, and where practitioners are elsewhere."""
        people = {one.user_id: one.pk for one in self.practitioners if one.user_id}
        ids = {*self.terms, *(thing.pk for thing in self.things)}
        ids |= {_day_quota(one.pk) for one in self.practitioners if one.daily_limit}
        for patient_id in patient_ids if PATIENT in self.kind.claims else ():
            ids |= {patient_id, _patient_quota(patient_id, self.kind)}
        facts = {"ids": list(ids), "reach": self._around(window), "now": self.now, "ignoring": list(ignoring)}
        more = {"people": list(people), "clinic": current_clinic().id} if people else {}
        found: Found = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(CLAIMS + (ELSEWHERE if people else ""), {**facts, **more})
            for resource_id, lane, since, until in cursor.fetchall():
                whose = resource_id if lane is not None else people[resource_id]
                found[whose].append(Busy(Interval(EPOCH + since * TICK, EPOCH + until * TICK), lane))
        return found

    def schedule(self, practitioner: Practitioner, found: Found, *, patient_id: UUID | None = None) -> Schedule:
        """One practitioner's schedule; `found` is what `claimed` answered, and what was promised since."""
        exceptions = self.exceptions[practitioner.pk]
        capacity = practitioner.capacity + self.more_lanes
        with_patient = patient_id is not None and PATIENT in self.kind.claims
        return Schedule(
            practitioner=slots.Resource(key(PRACTITIONER, practitioner.pk), found.get(practitioner.pk, ()), capacity),
            zone=practitioner.place.clock,
            now=self.now,
            terms=self.terms[practitioner.pk],
            hours=self.hours[practitioner.pk] or USUAL_HOURS,
            location_hours=_location_hours(practitioner.place),
            kind_hours=_kind_hours(self.kind),
            subtractions=[made for made in exceptions if isinstance(made, slots.Subtraction)],
            additions=[made for made in exceptions if isinstance(made, slots.Addition)],
            patient=slots.Resource(key(PATIENT, patient_id), found.get(patient_id, ())) if with_patient else None,  # type: ignore[arg-type]
            resources=(*self._things_for(practitioner, found), *self._quotas(practitioner, found, patient_id)),
        )

    def _things_for(self, practitioner: Practitioner, found: Found) -> Iterable[slots.ResourceNeed]:
        for wanted in self.kind.claims:
            if wanted in (ROOM, DEVICE):
                there = [t for t in self.things if t.type == wanted and t.location_id == practitioner.location_id]
                candidates = tuple(
                    slots.Resource(key(wanted, t.pk), [*found.get(t.pk, ()), *self.closed[t.pk]], t.capacity) for t in there
                )
                yield slots.ResourceNeed(f"{wanted}_busy", candidates)

    def _quotas(self, practitioner: Practitioner, found: Found, patient_id: UUID | None) -> Iterable[slots.ResourceNeed]:
        quotas = []
        if practitioner.daily_limit:
            quotas.append(("day_full", _day_quota(practitioner.pk), practitioner.daily_limit + self.more_lanes))
        if patient_id is not None and self.kind.patient_day_limit and PATIENT in self.kind.claims:
            quotas.append(("patient_limit", _patient_quota(patient_id, self.kind), self.kind.patient_day_limit))
        for code, quota, limit in quotas:
            resource = slots.Resource(key("quota", quota), found.get(quota, ()), limit)
            yield slots.ResourceNeed(code, (resource,), buffered=False, daily=True)

    def _around(self, window: Interval) -> DateTimeTZRange:
        return DateTimeTZRange(window.start - self.longest, window.end + self.longest)


def promise(found: Found, claims: Iterable[slots.Claim]) -> None:
    """Count claims as taken that are about to be: of several bookings made at once each sees the ones before."""
    for claim in claims:
        found[UUID(str(claim.resource).partition(":")[2])].append(Busy(claim.during, claim.lane))


def _day_quota(practitioner_id: UUID) -> UUID:
    return uuid5(QUOTAS, f"day:{practitioner_id}")


def _patient_quota(patient_id: UUID, kind: Kind) -> UUID:
    return uuid5(QUOTAS, f"{kind.code}:{patient_id}")


def _hours(practitioners: Iterable[Practitioner]) -> dict[UUID, list[WeeklyHours]]:
    """Weekly hours; those that came with the card (`with_place`) cost nothing."""
    found: dict[UUID, list[WeeklyHours]] = defaultdict(list)
    unread = [one for one in practitioners if "weekly_rows" not in one.__dict__]
    for one in practitioners:
        for row in one.__dict__.get("weekly_rows") or ():
            found[one.pk].append(_from_json(row))
    rows = WeeklyTemplate.objects.filter(practitioner__in=unread) if unread else WeeklyTemplate.objects.none()
    columns = ("practitioner_id", "weekday", "opens", "closes", "valid_from", "valid_until")
    for practitioner_id, *hours in rows.values_list(*columns):
        found[practitioner_id].append(WeeklyHours(*hours))
    return found


def _from_json(row: dict[str, Any]) -> WeeklyHours:
    opens, closes = (dt.time.fromisoformat(row[name]) for name in ("opens", "closes"))
    first, last = (row[name] and dt.date.fromisoformat(row[name]) for name in ("valid_from", "valid_until"))
    return WeeklyHours(row["weekday"], opens, closes, first, last)


def _things(practitioners: Sequence[Practitioner], kind: Kind) -> list[Resource]:
    types = tuple({one for one in kind.claims if one in (ROOM, DEVICE)})
    return list(Resource.objects.serving(kind.code, types, [one.location_id for one in practitioners])) if types else []


def _exceptions(
    practitioners: Sequence[Practitioner], things: Sequence[Resource], around: DateTimeTZRange
) -> tuple[dict[UUID, list[slots.Subtraction | slots.Addition]], dict[UUID, list[Busy]]]:
    """By practitioner what their hours lose and gain, and by room or device when it is out of use."""
    found: dict[UUID, list[slots.Subtraction | slots.Addition]] = defaultdict(list)
    closed: dict[UUID, list[Busy]] = defaultdict(list)
    everybody = Q(practitioner=None, resource=None)
    whose = Q(practitioner__in=practitioners) | everybody
    if things:
        whose |= Q(resource__in=things)
    rows = ScheduleException.objects.filter(whose, during__overlap=around)
    columns = ("practitioner_id", "resource_id", "location_id", "effect", "during")
    for practitioner_id, resource_id, location_id, effect, during in rows.values_list(*columns):
        time = Interval(during.lower, during.upper)
        if resource_id is not None:
            closed[resource_id].append(Busy(time))
            continue
        is_extra = effect == ScheduleException.Effect.EXTRA
        # an extra session is entered knowing of the opening hours; leave and holidays stay stronger
        made = slots.Addition(time, frozenset({"closed"})) if is_extra else slots.Subtraction(time, effect)
        for one in practitioners:
            if practitioner_id in (None, one.pk) and location_id in (None, one.location_id):
                found[one.pk].append(made)
    return found, closed


def _location_hours(place: Place) -> list[WeeklyHours] | None:
    return [_opening(row) for row in place.hours] or None


def _kind_hours(kind: Kind) -> list[WeeklyHours] | None:
    return [WeeklyHours(weekday, *kind.between) for weekday in range(7)] if kind.between else None


def _opening(row: dict[str, Any]) -> WeeklyHours:
    opens, closes = (dt.time.fromisoformat("00:00" if row[name] == "24:00" else row[name]) for name in ("opens", "closes"))
    return WeeklyHours(int(row["weekday"]), opens, closes)
