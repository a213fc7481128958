"""Who is offered a freed time first? Urgency, then how long they wait and how well it fits, as points anybody can add up.

Pure: no ORM, no clock. From `normal` up a step of urgency is worth more than all waiting and fitting together; below and among
equals a day of waiting is worth a point, thirty at most, and how well a time fits up to five.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

URGENCY = {"emergency": 1000, "urgent": 400, "high": 150, "normal": 60, "low": 20, "routine": 0}
MOST_WAITING = 30.0
BY_NAME, SOON = 3.0, 2.0  # of the five: this practitioner was asked for; the time is near the first day wished


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who waits, as far as it counts."""

    id: UUID
    urgency: str
    joined_at: dt.datetime
    from_on: dt.date
    until_on: dt.date
    asked_by_name: bool


@dataclass(frozen=True, slots=True)
class Rank:
    """The points and what they were made of."""

    urgency: str
    waited_hours: int
    fit: float
    points: float

    @property
    def facts(self) -> dict[str, Any]:
        return asdict(self)


def rank(one: Candidate, *, day: dt.date, now: dt.datetime) -> Rank:
    """For a time on `day`, seen at `now`."""
    waited = max(dt.timedelta(0), now - one.joined_at)
    span = max(1, (one.until_on - one.from_on).days)
    late = min(1.0, max(0, (day - one.from_on).days) / span)
    fit = (BY_NAME if one.asked_by_name else 0.0) + SOON * (1 - late)
    points = URGENCY[one.urgency] + min(MOST_WAITING, waited / dt.timedelta(days=1)) + fit
    return Rank(one.urgency, int(waited / dt.timedelta(hours=1)), round(fit, 3), round(points, 3))


def in_order(candidates: Iterable[Candidate], *, day: dt.date, now: dt.datetime) -> list[tuple[Candidate, Rank]]:
    """The first is offered first; of equals who joined earlier, then by id, so that the order is one."""
    ranked = [(one, rank(one, day=day, now=now)) for one in candidates]
    return sorted(ranked, key=lambda pair: (-pair[1].points, pair[0].joined_at, pair[0].id))
