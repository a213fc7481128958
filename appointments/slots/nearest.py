"""What else would suit? The bookable slots nearest to a wanted start, over one practitioner or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice
from typing import NamedTuple

from .clock import DAY, EARLIEST, LATEST, ZERO, Interval, local_days, utc
from .engine import Plan, Slot
from .schedule import Schedule

DAY_COSTS = timedelta(minutes=90)
WEEKDAY_COSTS_AT_MOST = timedelta(hours=5)
WEEK_COSTS = timedelta(hours=4)
OTHER_PRACTITIONER_COSTS = timedelta(minutes=45)
Suits = Callable[[datetime], bool]  # whether a start is one for whom it is for
BACK, AHEAD, REACH = timedelta(days=7), timedelta(days=28), timedelta(days=62)


class Candidate(NamedTuple):
    """A slot with its score; the order of the fields is the order of preference, without ties."""

    cost: timedelta
    starts_at: datetime
    schedule: int
    slot: Slot


def alternatives(
    schedules: Schedule | Sequence[Schedule],
    wanted: datetime,
    limit: int = 5,
    window: Interval | None = None,
    suits: Suits = lambda start: True,
) -> list[Slot]:
    """Up to `limit` bookable slots, the best first: the cheapest by `cost`, then the earliest, then as schedules go.

    The first schedule is the one that was asked for: its own start at `wanted` is left out, the others' slots cost 45
    minutes more. Days are searched outward from the wanted one and the search ends when no day left can do better. It
    stays in the window (default: 7 days before to 28 days after) and within 62 days, counted from `wanted` or the time
    nearest to it that notice, horizon and window allow, so the work is bounded. Starts that don't suit are passed over. Raises
    ValueError for a naive `wanted`.
    """
    plans = [Plan(one) for one in ([schedules] if isinstance(schedules, Schedule) else schedules)]
    if not plans or limit < 1:
        return []
    wish = Wish(min(max(utc(wanted), EARLIEST), LATEST - DAY), plans[0].schedule.zone)
    best: list[Candidate] = []
    for cost, day in wish.days(_search_window(plans[0].schedule, wish.at, window)):
        if len(best) == limit and cost > best[-1].cost:
            break
        best = list(islice(merge(best, _candidates(plans, wish, day, suits)), limit))
    return [candidate.slot for candidate in best]


class Wish:
    """A wanted start and how far another is from it, in the wall clock's terms."""

    def __init__(self, at: datetime, zone: tzinfo) -> None:
        self.at, self.zone = at, zone
        self.day, self.minute = _wall(at, zone)

    def cost(self, starts_at: datetime) -> timedelta:
        """How much worse a start is than the wanted one: the time between, or what its day costs and the difference in
        the time of day, whichever is less. A day costs 90 minutes (5 hours at most), a whole week 4 hours."""
        day, minute = _wall(starts_at, self.zone)
        return min(abs(starts_at - self.at), self._day_cost(day) + abs(minute - self.minute))

    def days(self, window: Interval) -> list[tuple[timedelta, Interval]]:
        """The local days of the window with the least that a start on them can cost, the cheapest first."""
        first, last = window.start.astimezone(self.zone).date(), window.end.astimezone(self.zone).date()
        dates = (first + number * DAY for number in range((last - first).days + 1))
        return sorted(self._bounded(one, window) for one in dates)

    def _bounded(self, day: date, window: Interval) -> tuple[timedelta, Interval]:
        whole = local_days(day, 1, self.zone)
        away = max(whole.start - self.at, self.at - whole.end, ZERO)
        start = min(max(whole.start, window.start), window.end)
        return min(away, self._day_cost(day)), Interval(start, max(start, min(whole.end, window.end)))

    def _day_cost(self, day: date) -> timedelta:
        weeks, days = divmod(abs((day - self.day).days), 7)
        return weeks * WEEK_COSTS + min(days * DAY_COSTS, WEEKDAY_COSTS_AT_MOST)


def _candidates(plans: list[Plan], wish: Wish, day: Interval, suits: Suits) -> Iterator[Candidate]:
    """The day's slots, the best first. Lanes are looked for when one is asked for, which is for few of them."""
    asked_for = plans[0].schedule.practitioner.key
    extra = [ZERO if plan.schedule.practitioner.key == asked_for else OTHER_PRACTITIONER_COSTS for plan in plans]
    starts = ((number, start) for number, plan in enumerate(plans) for start in plan.starts(day))
    others = ((number, start) for number, start in starts if (number or start != wish.at) and suits(start))
    costs = [(wish.cost(start) + extra[number], start, number) for number, start in others]
    for cost, start, number in sorted(costs):
        if (slot := plans[number].slot(start)) is not None:
            yield Candidate(cost, start, number, slot)


def _search_window(schedule: Schedule, wanted: datetime, window: Interval | None) -> Interval:
    terms = schedule.terms
    last = LATEST - REACH if terms.horizon is None else schedule.now + terms.horizon
    centre = min(max(wanted, schedule.now + terms.notice), max(last, schedule.now + terms.notice))
    asked = window or Interval(centre - BACK, centre + AHEAD)
    centre = min(max(centre, asked.start), asked.end)
    start = max(asked.start, centre - REACH)
    return Interval(start, max(start, min(asked.end, centre + REACH)))


def _wall(instant: datetime, zone: tzinfo) -> tuple[date, timedelta]:
    local = instant.astimezone(zone)
    return local.date(), timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
