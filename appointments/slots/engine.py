"""Which starts are offered, and why is this one refused? Both answers come from the same sets of starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property, reduce
from itertools import islice
from operator import and_, sub
from typing import NamedTuple

from .claims import Claim, Need, seat
from .clock import DAY, EARLIEST, LATEST, TICK, ZERO, Interval, utc
from .reasons import SUBTRACTION_REASONS, Reason, reason
from .schedule import Key, Schedule, WeeklyHours
from .spans import Spans, starts_fitting_in, starts_touching

STRIDE = timedelta(days=14)


class Slot(NamedTuple):
    """A start that can be booked: UTC instants, and the claims that booking it makes, the practitioner's first."""

    starts_at: datetime
    ends_at: datetime
    claims: tuple[Claim, ...]

    @property
    def practitioner(self) -> Key:
        return self.claims[0].resource


class Rule(NamedTuple):
    """The starts that one rule allows; elsewhere its code is a reason."""

    code: str
    allowed: Spans


def offers(schedule: Schedule, window: Interval, limit: int | None = None) -> list[Slot]:
    """The slots that start in the window, by time, the first `limit` of them; a slot may end after the window.

    A start is offered exactly when `refusals` has nothing against it.
    """
    return list(islice(Plan(schedule).offers(window), limit))


def refusals(schedule: Schedule, starts_at: datetime) -> list[Reason]:
    """Every reason why the start can't be booked, each code once, in a fixed order; none: it is offered.

    Of instants outside the engine's calendar (1900 to 2199) only that is said. Raises ValueError for a naive start.
    """
    return Plan(schedule).refusals(utc(starts_at))


def slot_at(schedule: Schedule, starts_at: datetime) -> Slot | None:
    """The slot that starts at this instant with the claims to make, None where `refusals` says why not.

    Raises ValueError for a naive start.
    """
    start = utc(starts_at)
    in_calendar = EARLIEST <= start < LATEST
    return next(Plan(schedule).offers(Interval(start, start + TICK)), None) if in_calendar else None


class Plan:
    """One schedule made ready: lanes and lasting rules are worked out once, hours for the time asked about.

    The grid: each period as it was entered (hours of a day, an extra session) has starts of its own, every `step` of
    elapsed time from its opening. What it covers is the union of all periods, so an appointment may run from one into
    the next, over midnight as well; the starts are the union too. Entering hours therefore never takes an offer away,
    and leave, which only removes, never shifts the grid.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.terms = schedule.terms
        self.needs = [Need(need, schedule.terms, schedule.zone) for need in schedule.needs]
        self.lasting = [*_time_rules(schedule), *_subtraction_rules(schedule)]

    @cached_property
    def lastingly_allowed(self) -> Spans:
        """The starts against which nothing is known before hours are: needs with one lane only are judged in bulk."""
        blocked = (need.lanes[0].blocked for need in self.needs if len(need.lanes) == 1)
        return reduce(sub, blocked, reduce(and_, (rule.allowed for rule in self.lasting)))

    def offers(self, window: Interval) -> Iterator[Slot]:
        """The slots that start in the window, by time, worked out a stride at a time as they are asked for."""
        return filter(None, map(self.slot, self.starts(window)))

    def starts(self, window: Interval) -> Iterator[datetime]:
        """The starts in the window, by time, at which nothing but a lack of lanes can speak against a slot."""
        start = window.start
        while spare := next(self.lastingly_allowed.within(start, window.end), None):
            start = min(spare[0] + STRIDE, window.end)
            yield from self._starts(Interval(spare[0], start))

    def refusals(self, starts_at: datetime) -> list[Reason]:
        """Every reason against a start in UTC."""
        if not EARLIEST <= starts_at < LATEST:
            return [Reason("in_the_past" if starts_at < EARLIEST else "too_far", "The calendar does not go there.")]
        return [reason(code, self.schedule, starts_at) for code in dict.fromkeys(self._codes(starts_at))]

    def _codes(self, starts_at: datetime) -> Iterator[str]:
        periods = self._periods(Interval(starts_at, starts_at + TICK))
        rules = [*self.lasting, *self._hours_rules(periods, Interval(starts_at, starts_at + TICK))]
        yield from (rule.code for rule in rules if starts_at not in rule.allowed)
        running = [period for period in periods if period.start <= starts_at < period.end]
        if running and all((starts_at - period.start) % self.terms.grid for period in running):
            yield "off_grid"
        seats = seat(self.needs, starts_at)
        yield from (need.code for number, need in enumerate(self.needs) if number not in seats)

    def _starts(self, window: Interval) -> list[datetime]:
        """The starts on the grid that all rules allow, those about claims apart."""
        periods = self._periods(window)
        allowed = reduce(and_, (rule.allowed for rule in self._hours_rules(periods, window)))
        allowed &= Spans(self.lastingly_allowed.within(window.start, window.end))
        return sorted({start for period in periods for start in self._grid(period, allowed)})

    def _grid(self, period: Interval, allowed: Spans) -> Iterator[datetime]:
        step = self.terms.grid
        for begin, end in allowed.within(period.start, period.end):
            start = period.start - (period.start - begin) // step * step
            while start < end:
                yield start
                start += step

    def slot(self, starts_at: datetime) -> Slot | None:
        """One of `starts` with a lane for each need; None where there are not enough."""
        seats = seat(self.needs, starts_at)
        if len(seats) < len(self.needs):
            return None
        claims = tuple(need.claim(seats[number], starts_at) for number, need in enumerate(self.needs))
        return Slot(starts_at, starts_at + self.terms.length, claims)

    def _periods(self, window: Interval) -> list[Interval]:
        """When the practitioner works, each period as entered, as far as appointments from the window may reach."""
        return [*self._weekly(self.schedule.hours, window), *(added.during for added in self.schedule.additions)]

    def _hours_rules(self, periods: list[Interval], window: Interval) -> Iterator[Rule]:
        length = self.terms.length
        yield Rule("outside_hours", starts_fitting_in(_union(periods), length))
        if self.schedule.location_hours is not None:
            opened = (added.during for added in self.schedule.additions if "closed" in added.despite)
            open_for = _union([*self._weekly(self.schedule.location_hours, window), *opened])
            yield Rule("location_closed", starts_fitting_in(open_for, length))
        if self.schedule.kind_hours is not None:
            yield Rule("not_at_this_hour", starts_fitting_in(_union(self._weekly(self.schedule.kind_hours, window)), length))

    def _weekly(self, hours: Sequence[WeeklyHours], window: Interval) -> Iterator[Interval]:
        zone = self.schedule.zone
        first = window.start.astimezone(zone).date() - 2 * DAY
        last = (window.end + self.terms.length).astimezone(zone).date()
        days = [first + number * DAY for number in range((last - first).days + 1)]
        return (one.on(day, zone) for day in days for one in hours if one.apply_on(day))


def _time_rules(schedule: Schedule) -> Iterator[Rule]:
    now, notice, horizon = schedule.now, schedule.terms.notice, schedule.terms.horizon
    yield Rule("in_the_past", Spans([(now, LATEST)]))
    yield Rule("too_soon", Spans([(now + notice, LATEST)] if notice else [(EARLIEST, LATEST)]))
    last = LATEST if horizon is None else min(LATEST, now + horizon + TICK)
    yield Rule("too_far", Spans([(EARLIEST, last)]))


def _subtraction_rules(schedule: Schedule) -> Iterator[Rule]:
    for code in sorted({taken.code for taken in schedule.subtractions}):
        taken = _union(one.during for one in schedule.subtractions if one.code == code)
        kept = _union(added.during for added in schedule.additions if code in added.despite)
        closed = (Interval(*pair) for pair in taken - kept)
        touched = starts_touching(closed, ZERO, schedule.terms.length)
        yield Rule(SUBTRACTION_REASONS.get(code, code), ~touched)


def _union(intervals: Iterable[Interval]) -> Spans:
    return Spans((one.start, one.end) for one in intervals)
