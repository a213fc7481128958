"""How many minutes were a clinic's practitioners there on a day? Weekly hours, less leave and holidays, plus extra sessions."""

import datetime as dt
from collections.abc import Iterable

from appointments.models import Practitioner, ScheduleException, WeeklyTemplate
from appointments.slots.clock import Interval, local_days, wall_interval

Pieces = list[Interval]


def open_minutes(day: dt.date) -> int:
    """Three queries for any number of practitioners."""
    rows = Practitioner.objects.seeing_patients().with_place().prefetch_related("weekly", "exceptions")
    holidays = list(ScheduleException.objects.filter(practitioner=None))
    return sum(_of_one(row, day, holidays) for row in rows)


def _of_one(row: Practitioner, day: dt.date, holidays: list[ScheduleException]) -> int:
    whole = local_days(day, 1, row.place.clock)
    hours = [wall_interval(day, w.opens, w.closes, row.place.clock) for w in row.weekly.all() if _holds(w, day)]
    own = [*row.exceptions.all(), *holidays]
    extra = [_span(e) for e in own if e.effect == ScheduleException.Effect.EXTRA]
    away = [_span(e) for e in own if e.effect != ScheduleException.Effect.EXTRA]
    there = _union(_cut(piece, whole) for piece in [*hours, *extra])
    seconds = sum((_length(piece) - sum(_length(_cut(gap, piece)) for gap in _union(away))) for piece in there)
    return max(0, round(seconds / 60))


def _holds(w: WeeklyTemplate, day: dt.date) -> bool:
    after = w.valid_from is None or w.valid_from <= day
    return w.weekday == day.weekday() and after and (w.valid_until is None or day <= w.valid_until)


def _span(row: ScheduleException) -> Interval:
    return Interval(row.during.lower, row.during.upper)


def _cut(piece: Interval, window: Interval) -> Interval:
    start, end = max(piece.start, window.start), min(piece.end, window.end)
    return Interval(start, max(start, end))


def _length(piece: Interval) -> float:
    return (piece.end - piece.start).total_seconds()


def _union(pieces: Iterable[Interval]) -> Pieces:
    """Without overlap, so that nothing is counted twice."""
    found: Pieces = []
    for piece in sorted((p for p in pieces if _length(p) > 0), key=lambda p: p.start):
        if found and piece.start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, piece.end))
        else:
            found.append(piece)
    return found
