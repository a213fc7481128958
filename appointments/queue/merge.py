"""In which order are booked and walk-in patients called? By the rule of the clinic's settings, else settings.QUEUE_MERGE_RULE.

A rule gives each waiting person a key; the smaller key goes first. The one that is usual:

1. priority: emergency, urgent, high, normal, low, routine;
2. then the time from which a person may fairly expect to be seen: who is booked and came in time, the booked time; who
   came later than the grace (GRACE, or the clinic's), and who walked in, the time of arrival;
3. then the number on the token.

A newcomer is put before the last of those the rule says come after them; nobody already in line changes places with
anybody else, so what staff arranged by hand stays.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from clinics.settings_of import settings_here

PRIORITIES = ("emergency", "urgent", "high", "normal", "low", "routine")
GRACE = dt.timedelta(minutes=10)


class Waiter(NamedTuple):
    """What a rule may know: nothing that identifies a person."""

    priority: str
    due_at: dt.datetime | None  # booked time
    arrived_at: dt.datetime
    serial: int


Rule = Callable[[Waiter], Any]


def by_priority_then_time(waiter: Waiter, grace: dt.timedelta = GRACE) -> tuple[int, dt.datetime, int]:
    return PRIORITIES.index(waiter.priority), expected_at(waiter, grace), waiter.serial


def by_priority_then_arrival(waiter: Waiter) -> tuple[int, dt.datetime, int]:
    """For clinics where people are seen in the order they come, booked or not."""
    return PRIORITIES.index(waiter.priority), waiter.arrived_at, waiter.serial


def expected_at(waiter: Waiter, grace: dt.timedelta = GRACE) -> dt.datetime:
    if waiter.due_at is None or waiter.arrived_at > waiter.due_at + grace:
        return waiter.arrived_at
    return waiter.due_at


def index_for(newcomer: Waiter, line: Sequence[Waiter], rule: Rule) -> int:
    """Where in the line the newcomer goes: from the end forward past everybody who comes after them."""
    key, index = rule(newcomer), len(line)
    while index > 0 and key < rule(line[index - 1]):
        index -= 1
    return index


# what a clinic may choose in its settings
RULES: dict[str, Rule] = {"booked_time": by_priority_then_time, "arrival": by_priority_then_arrival}


def rule() -> Rule:
    """The current clinic's rule: the one its settings name, else the installation's; with its own grace, where that counts."""
    policy = settings_here().queue
    chosen = RULES[policy.merge_rule] if policy.merge_rule in RULES else _installations(settings.QUEUE_MERGE_RULE)
    if policy.grace_minutes is None or chosen is not by_priority_then_time:
        return chosen
    return partial(by_priority_then_time, grace=dt.timedelta(minutes=policy.grace_minutes))


@cache
def _installations(path: str) -> Rule:
    return import_string(path)  # type: ignore[no-any-return]
