"""Who and what would an appointment hold, and is it free? Needs matched to lanes, never two needs to one lane."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple

from .clock import TICK, ZERO, Interval, local_days
from .schedule import Key, Resource, ResourceNeed, Terms
from .spans import Spans, starts_touching

Place = tuple[Key, int]


class Claim(NamedTuple):
    """A lane of a resource held for a time, the buffers included where the need has them."""

    resource: Key
    lane: int
    during: Interval


class Lane(NamedTuple):
    """One lane of a candidate and the starts at which it is not free."""

    place: Place
    blocked: Spans


class Need:
    """One need made ready for many questions: the lanes of its candidates."""

    __slots__ = ("code", "daily", "held_after", "held_before", "lanes", "zone")

    def __init__(self, need: ResourceNeed, terms: Terms, zone: tzinfo) -> None:
        self.code, self.daily, self.zone = need.code, need.daily, zone
        self.held_before = terms.buffer_before if need.buffered else ZERO
        self.held_after = terms.length + (terms.buffer_after if need.buffered else ZERO)
        self.lanes = [lane for candidate in need.candidates for lane in self._lanes(candidate)]

    def _lanes(self, resource: Resource) -> Iterator[Lane]:
        held: list[list[Interval]] = [[] for _ in range(resource.capacity)]
        for during, lane in resource.busy:
            if lane is None:
                for intervals in held:
                    intervals.append(during)
            elif 0 <= lane < resource.capacity:
                held[lane].append(during)
        before, after = (ZERO, TICK) if self.daily else (self.held_before, self.held_after)
        for number, intervals in enumerate(held):
            yield Lane((resource.key, number), starts_touching(intervals, before, after))

    def first_free(self, starts_at: datetime) -> Place | None:
        for place, blocked in self.lanes:
            if starts_at not in blocked:
                return place
        return None

    def claim(self, place: Place, starts_at: datetime) -> Claim:
        if self.daily:
            return Claim(*place, local_days(starts_at.astimezone(self.zone).date(), 1, self.zone))
        return Claim(*place, Interval(starts_at - self.held_before, starts_at + self.held_after))


def seat(needs: list[Need], starts_at: datetime) -> dict[int, Place]:
    """The lane for each need, by its position; a need that gets none is missing.

    Each takes its first free lane. Only where two would take the same one is more to be thought about: augmenting paths
    (H. W. Kuhn 1955), by which an earlier need moves to another lane where that makes room for a later one.
    """
    found = {number: place for number, need in enumerate(needs) if (place := need.first_free(starts_at)) is not None}
    if len(set(found.values())) == len(found):
        return found
    owners: dict[Place, int] = {}
    for number in found:
        _find(needs, owners, starts_at, number, set())
    return {number: place for place, number in owners.items()}


def _find(needs: list[Need], owners: dict[Place, int], starts_at: datetime, number: int, tried: set[Place]) -> bool:
    for place, blocked in needs[number].lanes:
        if place in tried or starts_at in blocked:
            continue
        tried.add(place)
        if place not in owners or _find(needs, owners, starts_at, owners[place], tried):
            owners[place] = number
            return True
    return False
