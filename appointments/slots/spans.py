"""Which instants are in? A set of them as sorted, disjoint, half-open spans, asked by bisection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from .clock import EARLIEST, LATEST, TICK, Interval

Pair = tuple[datetime, datetime]


class Spans:
    """Two lists in step, `starts` and `ends`, in UTC. Pairs that overlap or touch become one, empty ones none."""

    __slots__ = ("ends", "starts")

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []
        for start, end in sorted(pairs):
            if start < end:
                self._append(start, end)

    def _append(self, start: datetime, end: datetime) -> None:
        if self.ends and start <= self.ends[-1]:
            self.ends[-1] = max(self.ends[-1], end)
        else:
            self.starts.append(start)
            self.ends.append(end)

    def __contains__(self, instant: datetime) -> bool:
        at = bisect_right(self.starts, instant)
        return at > 0 and instant < self.ends[at - 1]

    def __iter__(self) -> Iterator[Pair]:
        return zip(self.starts, self.ends, strict=True)

    def within(self, start: datetime, end: datetime) -> Iterator[Pair]:
        """The parts between `start` and `end`, in order."""
        for at in range(bisect_right(self.ends, start), len(self.starts)):
            if max(start, self.starts[at]) >= end:
                return
            yield max(start, self.starts[at]), min(end, self.ends[at])

    def __and__(self, other: Spans) -> Spans:
        return Spans(pair for start, end in self for pair in other.within(start, end))

    def __invert__(self) -> Spans:
        """All of the engine's calendar that is not in."""
        return Spans(zip([EARLIEST, *self.ends], [*self.starts, LATEST], strict=True))

    def __sub__(self, other: Spans) -> Spans:
        return self & ~other


def starts_fitting_in(spans: Spans, length: timedelta) -> Spans:
    """The starts t for which the whole of [t, t + length) lies in one span; the last possible one is in."""
    return Spans((start, end - length + TICK) for start, end in spans)


def starts_touching(intervals: Iterable[Interval], before: timedelta, after: timedelta) -> Spans:
    """The starts t for which [t - before, t + after) shares an instant with one of the intervals."""
    clipped = ((max(one.start, EARLIEST), min(one.end, LATEST)) for one in intervals)
    return Spans((start - after + TICK, end + before) for start, end in clipped if start < end)
