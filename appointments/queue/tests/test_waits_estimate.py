"""Is the range what happens? Against days played by another hand, and the truths that hold for any line."""

import datetime as dt
import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appointments.queue.merge import Waiter, by_priority_then_time
from appointments.queue.waits.estimate import Situation, Standing, Turns, waits

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TURNS = st.lists(st.floats(30, 3600), min_size=1, max_size=50).map(lambda some: Turns(tuple(sorted(some))))


def minutes(number):
    return dt.timedelta(minutes=number)


def waiter(serial, due=None, arrived=NOON, priority="normal"):
    return Waiter(priority, due, arrived, serial)


def line(count):
    return [Standing(number, waiter(number, arrived=NOON - minutes(60 - number))) for number in range(1, count + 1)]


def told(situation, turns):
    return waits(situation, turns, by_priority_then_time)


@given(TURNS, st.integers(1, 12), st.floats(0, 7200))
def test_who_stands_further_back_is_never_told_less(turns, count, gone):
    found = told(Situation(NOON, line(count), called_at=NOON - dt.timedelta(seconds=gone)), turns)
    ranges = [found[number] for number in range(1, count + 1)]
    assert all(0 <= one.low <= one.high for one in ranges)
    assert all(a.low <= b.low and a.high <= b.high for a, b in pairwise(ranges))


@given(TURNS, st.integers(1, 8))
def test_the_same_line_is_told_the_same(turns, count):
    assert told(Situation(NOON, line(count)), turns) == told(Situation(NOON, line(count)), turns)


def test_without_turns_or_without_people_nothing_is_said():
    assert told(Situation(NOON, line(3)), Turns(())) == {}
    assert told(Situation(NOON, []), Turns((600.0,))) == {}


def test_where_all_turns_are_alike_the_range_is_a_point():
    """Ten minutes each, four of the present one are over: 6, 16, 26."""
    found = told(Situation(NOON, line(3), called_at=NOON - minutes(4)), Turns((600.0,)))
    assert [(found[n].low, found[n].high) for n in (1, 2, 3)] == [(360, 360), (960, 960), (1560, 1560)]


def test_before_the_hours_begin_the_first_waits_until_they_do():
    found = told(Situation(NOON, line(2), begins_at=NOON + minutes(15)), Turns((600.0,)))
    assert [found[n].low for n in (1, 2)] == [900, 1500]


def test_where_nobody_is_inside_the_first_is_called_soon():
    assert told(Situation(NOON, line(1)), Turns((600.0,)))[1].high < 600


def test_who_is_booked_earlier_and_still_comes_goes_first():
    walk_in = [Standing("walk-in", waiter(1, arrived=NOON))]
    booked = [waiter(10**6, due=NOON - minutes(1), arrived=NOON)]
    calm = told(Situation(NOON, walk_in, called_at=NOON), Turns((600.0,)))
    pressed = told(Situation(NOON, walk_in, called_at=NOON, coming=booked), Turns((600.0,)))
    assert (calm["walk-in"].low, pressed["walk-in"].low) == (600, 1200)


def test_who_is_booked_later_goes_after_who_is_here():
    walk_in = [Standing("walk-in", waiter(1, arrived=NOON))]
    later = [waiter(10**6, due=NOON + minutes(5), arrived=NOON + minutes(5))]
    found = told(Situation(NOON, walk_in, called_at=NOON, coming=later), Turns((600.0,)))
    assert found["walk-in"].low == 600


def test_who_is_early_is_not_called_before_the_practitioner_uses_to():
    early = [Standing("early", waiter(1, due=NOON + minutes(20), arrived=NOON))]
    at_once = told(Situation(NOON, early), Turns((600.0,)))["early"]
    on_time = told(Situation(NOON, early), Turns((600.0,), after_due=(0.0,)))["early"]
    sooner = told(Situation(NOON, early), Turns((600.0,), after_due=(-300.0,)))["early"]
    assert at_once.high < 600
    assert (on_time.low, sooner.low) == (1200, 900)


def test_while_nobody_is_called_early_a_walk_in_goes_first():
    early = [Standing("early", waiter(1, due=NOON + minutes(20), arrived=NOON))]
    late = [waiter(10**6, due=NOON - minutes(5), arrived=NOON + minutes(15))]  # booked before, still on the way
    found = told(Situation(NOON, early, coming=late), Turns((600.0,), after_due=(0.0,)))
    assert found["early"].low == 25 * 60


def test_those_who_do_not_come_are_counted_as_often_as_they_used_to():
    people = [Standing("here", waiter(1, arrived=NOON))]
    ahead = [waiter(10**6, due=NOON - minutes(1), arrived=NOON) for _ in range(10)]
    every = told(Situation(NOON, people, called_at=NOON, coming=ahead), Turns((600.0,), shows=1.0))
    half = told(Situation(NOON, people, called_at=NOON, coming=ahead), Turns((600.0,), shows=0.5))
    assert every["here"].low == 6600
    assert 2400 < half["here"].low < 4800


def test_nine_of_ten_are_called_within_the_range_and_half_before_it_begins():
    """Turns drawn from a wide, skewed law that the estimate knows by 300 samples only; 600 lines of eight."""
    dice = random.Random(7)
    turns = Turns(tuple(sorted(dice.lognormvariate(6.4, 0.6) for _ in range(300))))
    kept = sooner = people = 0
    for _ in range(600):
        gone = dice.uniform(0, 300)
        present = next(t for t in iter(lambda: dice.lognormvariate(6.4, 0.6), None) if t > gone)
        at, count = present - gone, dice.randrange(1, 9)
        found = told(Situation(NOON, line(count), called_at=NOON - dt.timedelta(seconds=gone)), turns)
        for number in range(1, count + 1):
            people += 1
            kept += at <= found[number].high
            sooner += at < found[number].low
            at += dice.lognormvariate(6.4, 0.6)
    assert 0.85 < kept / people < 0.95
    assert 0.42 < sooner / people < 0.58
