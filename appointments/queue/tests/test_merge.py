"""Does the merge rule order as it says, whatever comes in whatever order?"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.queue import merge
from appointments.queue.merge import PRIORITIES, Waiter, by_priority_then_time, index_for

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
minutes = st.integers(-240, 240).map(lambda m: NOON + dt.timedelta(minutes=m))
waiters = st.builds(Waiter, st.sampled_from(PRIORITIES), st.none() | minutes, minutes, st.integers(1, 10_000))


def at(minute: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minute)


def line_of(*newcomers: Waiter) -> list[Waiter]:
    line: list[Waiter] = []
    for newcomer in newcomers:
        line.insert(index_for(newcomer, line, by_priority_then_time), newcomer)
    return line


@given(st.lists(waiters, unique_by=lambda w: w.serial))
def test_whoever_comes_in_whatever_order_the_line_is_in_the_order_of_the_rule(people: list[Waiter]) -> None:
    assert line_of(*people) == sorted(people, key=by_priority_then_time)


@given(st.lists(waiters, unique_by=lambda w: w.serial), waiters)
def test_a_newcomer_changes_nobody_elses_order_even_in_a_line_arranged_by_hand(line: list[Waiter], newcomer: Waiter) -> None:
    index = index_for(newcomer, line, by_priority_then_time)
    after = [*line[:index], newcomer, *line[index:]]
    assert [w for w in after if w is not newcomer] == line
    assert all(by_priority_then_time(newcomer) < by_priority_then_time(w) for w in line[index:])


@given(st.lists(waiters, min_size=1, unique_by=lambda w: w.serial))
def test_nobody_of_lower_priority_goes_before_somebody_of_higher(people: list[Waiter]) -> None:
    ranks = [PRIORITIES.index(w.priority) for w in line_of(*people)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("booked_at", "came_at", "expected"),
    [(60, 30, 60), (60, 60, 60), (60, 70, 60), (60, 71, 71), (None, 5, 5)],
    ids=["early", "in time", "within grace", "late", "walk-in"],
)
def test_the_time_one_may_expect_is_the_booked_one_or_the_arrival(booked_at: int | None, came_at: int, expected: int) -> None:
    due = None if booked_at is None else at(booked_at)
    assert merge.expected_at(Waiter("normal", due, at(came_at), 1)) == at(expected)


def test_a_walk_in_goes_before_a_later_booking_and_after_an_earlier_one() -> None:
    early, late = Waiter("normal", at(0), at(-10), 1), Waiter("normal", at(30), at(-5), 2)
    walk_in = Waiter("normal", None, at(10), 3)
    assert line_of(early, late, walk_in) == [early, walk_in, late]


def test_an_emergency_goes_first() -> None:
    waiting, emergency = Waiter("normal", at(0), at(-10), 1), Waiter("emergency", None, at(10), 2)
    assert line_of(waiting, emergency) == [emergency, waiting]
