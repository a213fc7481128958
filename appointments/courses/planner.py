"""When could all sittings of a course take place? Pure: no ORM, no clock; exact, not a heuristic.

A course is a chain: each sitting follows the one before by a number of days between a least and a most, counted on the calendar
of the location: a night of 23 or 25 hours is a night. What may be chosen for one sitting depends on the one before only,
so the best chain is found by one pass forwards (dynamic programming): if there is any plan, there is one here.
"""

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)
DAY = 100.0  # a course that ends a day later is this much worse
CHANGE = 30.0  # another therapist than the time before
HOUR = 2.0  # an hour earlier or later in the day than the time before


@dataclass(frozen=True, slots=True)
class Gap:
    """Days from the sitting before, both included. For the first sitting, from the first day allowed."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Option(Generic[Who]):
    """A time at which a sitting could be; `local` is its start on the wall clock of the location."""

    starts_at: dt.datetime  # an instant
    ends_at: dt.datetime
    local: dt.datetime
    who: Who


# by option: what it costs to get there, and by way of which
Reached = dict[Option[Who], tuple[float, Option[Who] | None]]


@dataclass(frozen=True, slots=True)
class Before(Generic[Who]):
    """What the first sitting of the plan comes after: a day, and if somebody gave a sitting then, when and who."""

    day: dt.date
    local: dt.datetime | None = None
    who: Who | None = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """No plan: the first sitting (from 0) that nothing fits, whatever is chosen before it."""

    sitting: int


def plan(gaps: Sequence[Gap], options: Sequence[Sequence[Option[Who]]], before: Before[Who]) -> list[Option[Who]] | Stuck:
    """One option for each sitting, or where it fails. The best: earliest end, then few changes, then like times of day."""
    reached: list[Reached[Who]] = []
    for number, (gap, choices) in enumerate(zip(gaps, options, strict=True)):
        found = _step(reached[-1], gap, choices) if number else _first(before, gap, choices)
        if not found:
            return Stuck(number)
        reached.append(found)
    return _backwards(reached)


def _first(before: Before[Who], gap: Gap, choices: Iterable[Option[Who]]) -> Reached[Who]:
    soon = [one for one in choices if gap.least <= (one.local.date() - before.day).days <= gap.most]
    return {one: (_cost(one, before.local, before.who, before.day, gap), None) for one in soon}


def _step(last: Reached[Who], gap: Gap, choices: Iterable[Option[Who]]) -> Reached[Who]:
    """The cheapest way to each choice that can follow something that was reached."""
    by_day: dict[dt.date, dict[Who, list[tuple[float, float, Option[Who]]]]] = {}
    for prior, (cost, _) in last.items():
        given = by_day.setdefault(prior.local.date(), {})
        given.setdefault(prior.who, []).append((cost, _hours(prior.local), prior))
    found: Reached[Who] = {}
    for one in choices:
        day, hours = one.local.date(), _hours(one.local)
        ways = [
            (cost + _worse(days - gap.least, changed, abs(hours - then)), prior.starts_at, prior)
            for days in range(gap.least, gap.most + 1)
            for who, given in by_day.get(day - dt.timedelta(days=days), {}).items()
            for changed in (who != one.who,)
            for cost, then, prior in given
            if prior.ends_at <= one.starts_at
        ]
        if ways:
            cost, _, prior = min(ways, key=_cheapest)
            found[one] = (cost, prior)
    return found


_cheapest = itemgetter(0, 1)


def _cost(one: Option[Who], local: dt.datetime | None, who: Who | None, day: dt.date, gap: Gap) -> float:
    """Days lost beyond the least, a change of therapist, another time of day."""
    apart = 0.0 if local is None else abs(_hours(one.local) - _hours(local))
    return _worse((one.local.date() - day).days - gap.least, who is not None and who != one.who, apart)


def _worse(lost: int, changed: bool, apart: float) -> float:
    return DAY * lost + (CHANGE if changed else 0.0) + HOUR * apart


def _hours(local: dt.datetime) -> float:
    return local.hour + local.minute / 60


def _backwards(reached: list[Reached[Who]]) -> list[Option[Who]]:
    last = min(reached[-1], key=lambda one: (reached[-1][one][0], one.starts_at))
    chain = [last]
    for found in reversed(reached[1:]):
        prior = found[chain[-1]][1]
        assert prior is not None, "all but the first follow something"
        chain.append(prior)
    return chain[::-1]
