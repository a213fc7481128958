"""When is it? Half-open stretches of UTC, and a place's wall clock turned into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ZERO = timedelta(0)
TICK = timedelta.resolution
DAY = timedelta(days=1)
FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; what lies beyond Python's calendar becomes the nearest instant within.

    All comparing happens in UTC: two 01:30s of an autumn night are *equal* in their own zone (PEP 495).
    Raises ValueError for a datetime without offset.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no offset: an instant is needed, not a wall-clock time")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return FIRST_INSTANT if instant.year == 1 else LAST_INSTANT


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open stretch of time, `start` in and `end` out, both kept in UTC; it may be empty.

    Raises ValueError for a datetime without offset and for an end before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            object.__setattr__(self, "start", utc(self.start))
            object.__setattr__(self, "end", utc(self.end))
        if self.end < self.start:
            raise ValueError(f"an interval ends before it starts: {self.start} – {self.end}")

    @property
    def is_empty(self) -> bool:
        return self.start == self.end

    def overlaps(self, other: Interval) -> bool:
        """True if they share an instant; touching ends share none, an empty one shares nothing."""
        return max(self.start, other.start) < min(self.end, other.end)


def opening(at: datetime, zone: tzinfo) -> datetime:
    """The first instant at which the wall clock of `zone` shows the naive time `at` or later.

    In a fold that is the first of the two; in a gap it is the instant after the gap.
    """
    first, second = _readings(at, zone)
    return first if first <= second else _gap_end(second, first, zone)


def closing(at: datetime, zone: tzinfo) -> datetime:
    """The instant after the last one at which the wall clock of `zone` shows less than the naive time `at`.

    Inside a fold that is the second of the two, at the very start of a fold the first (the clock never falls below
    `at` again); in a gap it is the instant after the gap.
    """
    first, second = _readings(at, zone)
    if first > second:
        return _gap_end(second, first, zone)
    shown_just_before = (second - TICK).astimezone(zone).replace(tzinfo=None)
    return second if shown_just_before < at else first


def wall_interval(day: date, opens: time, closes: time, zone: tzinfo) -> Interval:
    """`opens` to `closes` on the wall clock of `zone`, as one stretch of elapsed time, empty if a gap swallows it.

    `closes` at or before `opens` is on the next day, so 00:00–00:00 is the whole day.
    """
    last_day = day if closes > opens else day + DAY
    return Interval(opening(datetime.combine(day, opens), zone), closing(datetime.combine(last_day, closes), zone))


def local_days(first: date, days: int, zone: tzinfo) -> Interval:
    """`days` calendar days of `zone` from midnight to midnight: 23 to 25 hours each, or none if the date was skipped.

    Raises ValueError for negative days, OverflowError beyond Python's calendar.
    """
    midnight = time(0)
    return Interval(
        opening(datetime.combine(first, midnight), zone),
        opening(datetime.combine(first + days * DAY, midnight), zone),
    )


def _readings(at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants of both folds: equal on ordinary days, ascending in a fold, descending in a gap (PEP 495)."""
    return at.replace(tzinfo=zone, fold=0).astimezone(UTC), at.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _gap_end(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    offset_after = after.astimezone(zone).utcoffset()
    while after - before > TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after
