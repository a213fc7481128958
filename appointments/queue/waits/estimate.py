"""How long until each of those who wait is called? The rest of the day, played a hundred times. Pure: no ORM, no clock.

A turn is the time from one call to the next while somebody waits: it holds the visit, the pause after it and whatever else
keeps a practitioner, so nothing of that has to be guessed. In each play turns are drawn from those of the past, those who are
booked and not here yet come (or don't) and are put in line by the clinic's own merge rule. The range is from the median to
the ninetieth percentile of the plays: half of the time it is shorter than the range, once in ten times longer.
"""

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from appointments.queue.merge import Rule, Waiter, index_for

PLAYS = 100
LOW, HIGH = 0.5, 0.9
SEED = 20261  # the same situation is told the same, whoever asks
NEVER_SERIAL = 10**6  # who is not here yet has no number: it comes after those that are given


class Turns(NamedTuple):
    """Seconds of past turns, shortest first; the share of those booked who come; and how long after their time (before it, if
    negative) people who are booked and here are called by a practitioner who has nobody else: many don't begin early."""

    seconds: tuple[float, ...]
    shows: float = 1.0
    after_due: tuple[float, ...] = ()


class Standing(NamedTuple):
    """Somebody in line."""

    key: Hashable
    waiter: Waiter


class Situation(NamedTuple):
    """`line`: who waits, next first. `called_at`: when whoever is inside was called, None while nobody is. `begins_at`: when
    the practitioner's hours begin, None where they have. `coming`: booked and not here, each as if they came on time."""

    now: dt.datetime
    line: Sequence[Standing]
    called_at: dt.datetime | None = None
    begins_at: dt.datetime | None = None
    coming: Sequence[Waiter] = ()


class Wait(NamedTuple):
    """Seconds from now until the call: median and ninetieth percentile."""

    low: float
    high: float


def waits(at: Situation, turns: Turns, rule: Rule, *, plays: int = PLAYS) -> dict[Hashable, Wait]:
    """By key, of everybody in line. Without turns nothing is known, and nothing said."""
    if not turns.seconds or not at.line:
        return {}
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    played: dict[Hashable, list[float]] = {one.key: [] for one in at.line}
    for _ in range(plays):
        for key, seconds in _play(at, turns, rule, dice).items():
            played[key].append(seconds)
    return {key: Wait(_quantile(seconds, LOW), _quantile(seconds, HIGH)) for key, seconds in played.items()}


def _play(at: Situation, turns: Turns, rule: Rule, dice: random.Random) -> dict[Hashable, float]:
    """One possible rest of the day."""
    coming = [one for one in at.coming if dice.random() < turns.shows]
    coming.sort(key=lambda one: one.arrived_at, reverse=True)
    line = [_Player(one.key, one.waiter, _not_before(one.waiter, turns, dice)) for one in at.line]
    called: dict[Hashable, float] = {}
    free = at.now + dt.timedelta(seconds=_until_free(at, turns, dice))
    while len(called) < len(at.line):
        while coming and coming[-1].arrived_at <= free:
            newcomer = coming.pop()
            place = index_for(newcomer, [one.waiter for one in line], rule)
            line.insert(place, _Player(None, newcomer, _not_before(newcomer, turns, dice)))
        first = line[0]
        if first.not_before > free:  # until then somebody may come who goes before them
            free = min(first.not_before, coming[-1].arrived_at) if coming else first.not_before
            continue
        line.pop(0)
        if first.key is not None:
            called[first.key] = (free - at.now).total_seconds()
        free += dt.timedelta(seconds=dice.choice(turns.seconds))
    return called


class _Player(NamedTuple):
    key: Hashable
    waiter: Waiter
    not_before: dt.datetime


def _not_before(waiter: Waiter, turns: Turns, dice: random.Random) -> dt.datetime:
    if waiter.due_at is None or not turns.after_due:
        return waiter.arrived_at
    return max(waiter.arrived_at, waiter.due_at + dt.timedelta(seconds=dice.choice(turns.after_due)))


def _until_free(at: Situation, turns: Turns, dice: random.Random) -> float:
    """Seconds until the next call: of turns that took longer than this one has so far, what is left."""
    if at.called_at is None:
        return max(0.0, (at.begins_at - at.now).total_seconds()) if at.begins_at else turns.seconds[0] * dice.random()
    gone = max(0.0, (at.now - at.called_at).total_seconds())
    longer = bisect_right(turns.seconds, gone)
    if longer == len(turns.seconds):  # longer than ever: it may end at any moment
        return turns.seconds[0] * dice.random()
    return turns.seconds[dice.randrange(longer, len(turns.seconds))] - gone


def _quantile(values: list[float], share: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]
