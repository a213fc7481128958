"""In which order are booked and walk-in patients called? One rule, named in settings.QUEUE_MERGE_RULE, that others may replace.

A rule gives each waiting person a key; the smaller key goes first. The one that ships:

1. priority: emergency, urgent, high, normal, low, routine;
2. then the time from which a person may fairly expect to be seen: who is booked and came in time, the booked time; who
   came more than GRACE late, and who walked in, the time of arrival;
3. then the number on the token.

A newcomer is put before the last of those the rule says come after them; nobody already in line changes places with
anybody else, so what staff arranged by hand stays.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

PRIORITIES = ("emergency", "urgent", "high", "normal", "low", "routine")
GRACE = dt.timedelta(minutes=10)


class Waiter(NamedTuple):
    """What a rule may know: nothing that identifies a person."""

    priority: str
    due_at: dt.datetime | None  # booked time
    arrived_at: dt.datetime
    serial: int


Rule = Callable[[Waiter], Any]


def by_priority_then_time(waiter: Waiter) -> tuple[int, dt.datetime, int]:
    return PRIORITIES.index(waiter.priority), expected_at(waiter), waiter.serial


def expected_at(waiter: Waiter) -> dt.datetime:
    if waiter.due_at is None or waiter.arrived_at > waiter.due_at + GRACE:
        return waiter.arrived_at
    return waiter.due_at


def index_for(newcomer: Waiter, line: Sequence[Waiter], rule: Rule) -> int:
    """Where in the line the newcomer goes: from the end forward past everybody who comes after them."""
    key, index = rule(newcomer), len(line)
    while index > 0 and key < rule(line[index - 1]):
        index -= 1
    return index


@cache
def rule() -> Rule:
    """The installation's rule."""
    return import_string(settings.QUEUE_MERGE_RULE)  # type: ignore[no-any-return]
