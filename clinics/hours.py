"""Do opening hours make sense? Entries `{weekday 0-6, opens "HH:MM", closes "HH:MM"}` on the wall clock of a place.

`closes` at or before `opens` means the next day; 00:00–00:00 (or –24:00) is the whole day.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

DAY = 24 * 60
WEEK = 7 * DAY


def overlapping(hours: Sequence[dict[str, Any]]) -> tuple[int, int] | None:
    """Positions of two entries that are open at the same minute of the week, the earlier one first; None if there are none."""
    pieces = sorted((first, last, number) for number, entry in enumerate(hours) for first, last in _pieces(entry))
    for (_, ends, one), (begins, _, other) in pairwise(pieces):
        if begins < ends:
            return min(one, other), max(one, other)
    return None


def minute_of(text: str) -> int:
    """`"HH:MM"` as minutes since midnight."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _pieces(entry: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Stretches of the week in minutes, cut where the week ends."""
    opens, closes = minute_of(entry["opens"]), minute_of(entry["closes"])
    first = entry["weekday"] * DAY + opens
    last = entry["weekday"] * DAY + (closes if closes > opens else closes + DAY)
    yield first, min(last, WEEK)
    if last > WEEK:
        yield 0, last - WEEK
