"""What speaks against a start? Said by counting five-minute steps over the rows, past the engine and the diary.

Slow and plain on purpose: it knows nothing of spans, lanes' seats or the engine's rules of clocks, only of what a wall clock
shows. All data of a test must fall on whole five minutes.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from appointments.models import Appointment, Claim, Practitioner, Resource, ScheduleException, WeeklyTemplate
from appointments.plugins.base import DEVICE, ROOM, Kind
from appointments.workflow import HOLDS_TIME

TICK = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)
Period = set[dt.datetime]
USUAL = [(weekday, dt.time(9), dt.time(18), None) for weekday in range(5)]  # of whom nobody has entered hours


class Truth:
    """About one practitioner, kind and patient, around one local day, as of `now`; a clinic with no terms of its own."""

    def __init__(self, doctor: Practitioner, kind: Kind, chart: Any, *, day: dt.date, now: dt.datetime) -> None:
        self.doctor, self.kind, self.chart, self.now, self.zone = doctor, kind, chart, now, doctor.place.clock
        self.length = _minutes(doctor.slot_minutes, kind.length)
        self.pause = _minutes(doctor.buffer_minutes, kind.buffer)
        self.notice = _minutes(doctor.notice_minutes, kind.notice)
        self.horizon = kind.horizon if doctor.horizon_days is None else doctor.horizon_days * DAY
        self.grid = self.length if doctor.slot_minutes or kind.step is None else kind.step
        first = dt.datetime.combine(day - 2 * DAY, dt.time(0), dt.UTC)
        self.ticks = [first + number * TICK for number in range(8 * 288)]
        self.walls = [at.astimezone(self.zone).replace(tzinfo=None) for at in self.ticks]

    def codes(self, start: dt.datetime) -> set[str]:
        """Every reason that is true of the start."""
        return {code for code, holds in self._questions(start) if holds}

    def _questions(self, start: dt.datetime) -> Iterator[tuple[str, bool]]:
        end = start + self.length
        wanted = {start + number * TICK for number in range(self.length // TICK)}
        held = (start - self.kind.setup, end + self.pause)
        yield "in_the_past", start < self.now
        yield "too_soon", start < self.now + self.notice and self.notice > dt.timedelta(0)
        yield "too_far", self.horizon is not None and start > self.now + self.horizon
        extra = [self._between(*one) for one in self._entered("extra")]
        hours = self._weekly()
        yield "outside_hours", not wanted <= set().union(*hours, *extra)
        open_for = self._opening()
        yield "location_closed", bool(open_for) and not wanted <= set().union(*open_for, *extra)
        running = [min(period) for period in (*hours, *extra) if start in period]
        yield "off_grid", bool(running) and all((start - begins) % self.grid for begins in running)
        for code, effect in (("on_leave", "leave"), ("holiday", "holiday")):
            yield code, any(begins < end and start < ends for begins, ends in self._entered(effect))
        yield "slot_taken", not self._lane_free(self.doctor.pk, self.doctor.capacity, held)
        yield "patient_busy", not self._lane_free(self.chart.pk, 1, (start, end))
        for need in {ROOM, DEVICE} & set(self.kind.claims):
            yield f"{need}_busy", not any(self._thing_free(one, held) for one in self._things(need))
        yield "day_full", self.doctor.daily_limit is not None and self._seen_on(start) >= self.doctor.daily_limit

    def _lane_free(self, whose: Any, lanes: int, during: tuple[dt.datetime, dt.datetime]) -> bool:
        taken = Claim.objects.filter(resource_id=whose, during__overlap=during, lane__lt=lanes)
        return len(set(taken.values_list("lane", flat=True))) < lanes

    def _thing_free(self, one: Resource, during: tuple[dt.datetime, dt.datetime]) -> bool:
        shut = ScheduleException.objects.filter(resource=one, during__overlap=during).exists()
        return not shut and self._lane_free(one.pk, one.capacity, during)

    def _things(self, need: str) -> list[Resource]:
        there = Resource.objects.filter(type=need, location_id=self.doctor.location_id, is_active=True)
        return [one for one in there if self.kind.code in one.kinds]

    def _seen_on(self, start: dt.datetime) -> int:
        rows = Appointment.objects.filter(practitioner=self.doctor, state__in=HOLDS_TIME).values_list("starts_at", flat=True)
        return sum(at.astimezone(self.zone).date() == start.astimezone(self.zone).date() for at in rows)

    def _entered(self, effect: str) -> list[tuple[dt.datetime, dt.datetime]]:
        here = Q(practitioner=None, resource=None, location_id=self.doctor.location_id)
        rows = ScheduleException.objects.filter(Q(practitioner=self.doctor) | here, effect=effect)
        return [(one.lower, one.upper) for one in rows.values_list("during", flat=True)]

    def _weekly(self) -> list[Period]:
        rows = WeeklyTemplate.objects.filter(practitioner=self.doctor)
        return self._periods(list(rows.values_list("weekday", "opens", "closes", "valid_from")) or USUAL)

    def _opening(self) -> list[Period]:
        clock = dt.time.fromisoformat
        rows = [(row["weekday"], clock(row["opens"]), clock(row["closes"]), None) for row in self.doctor.place.hours]
        return self._periods(rows)

    def _periods(self, rows: list[Any]) -> list[Period]:
        """What a wall clock shows from opening to closing on each day; in a doubled hour until it does so for the last time."""
        found = []
        for day in (self.walls[0].date() + number * DAY for number in range(9)):
            for weekday, opens, closes, valid_from in rows:
                if day.weekday() == weekday and (valid_from is None or valid_from <= day):
                    begins = dt.datetime.combine(day, opens)
                    ends = dt.datetime.combine(day if closes > opens else day + DAY, closes)
                    first = next((n for n, wall in enumerate(self.walls) if wall >= begins), len(self.walls))
                    last = max((n for n, wall in enumerate(self.walls) if wall < ends), default=-1)
                    found.append(set(self.ticks[first : last + 1]))
        return [period for period in found if period]

    def _between(self, begins: dt.datetime, ends: dt.datetime) -> Period:
        return {at for at in self.ticks if begins <= at < ends}


def _minutes(own: int | None, kinds: dt.timedelta) -> dt.timedelta:
    return kinds if own is None else dt.timedelta(minutes=own)
