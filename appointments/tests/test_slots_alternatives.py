"""What is offered instead of a refused start: the nearest by score, over one practitioner or several."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.slots import Busy, Interval, Resource, Schedule, Terms, WeeklyHours, alternatives, offers

KOLKATA = ZoneInfo("Asia/Kolkata")
TUESDAY = date(2026, 11, 10)
WEEKDAYS = tuple(WeeklyHours(day, time(9), time(18)) for day in range(5))


def at(clock: str, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), KOLKATA)


def schedule(*busy: Interval, key: str = "dr-rao", length: int = 30, **terms: timedelta) -> Schedule:
    practitioner = Resource(key, [Busy(one) for one in busy])
    long = timedelta(minutes=length)
    return Schedule(practitioner, KOLKATA, at("08:00", date(2026, 11, 2)), Terms(long, **terms), WEEKDAYS)


def day(number: int) -> Interval:
    return Interval(at("00:00", date(2026, 11, number)), at("23:59", date(2026, 11, number)))


def named(slots) -> list[str]:
    return [slot.starts_at.astimezone(KOLKATA).strftime("%a %d %H:%M") for slot in slots]


def test_on_a_free_day_the_nearest_times_come_first_the_earlier_of_two_equals():
    one = schedule(Interval(at("11:00"), at("11:30")))
    assert named(alternatives(one, at("11:00"))) == [
        "Tue 10 10:30",
        "Tue 10 11:30",
        "Tue 10 10:00",
        "Tue 10 12:00",
        "Mon 09 11:00",
    ]


def test_when_the_day_is_full_the_same_time_on_the_next_days_and_on_the_same_weekday_come_first():
    full = schedule(*(day(number) for number in (9, 10)), length=180)
    assert named(alternatives(full, at("12:00"), limit=4)) == [
        "Wed 11 12:00",
        "Thu 12 12:00",
        "Tue 03 12:00",
        "Tue 17 12:00",
    ]


def test_a_week_on_is_better_than_four_days_and_no_day_within_a_week_costs_more_than_five_hours():
    weekend = schedule(*(day(number) for number in (3, 4, 5, 6, 9, 10, 11, 12)), length=540)
    wanted = at("09:00")
    assert named(alternatives(weekend, wanted)) == [
        "Tue 17 09:00",
        "Fri 13 09:00",
        "Mon 16 09:00",
        "Wed 18 09:00",
        "Thu 19 09:00",
    ]


def test_the_same_time_with_another_practitioner_is_better_than_an_hour_off():
    mine = schedule(Interval(at("10:00"), at("12:00")))
    other = schedule(key="dr-iyer")
    found = alternatives([mine, other], at("11:00"), limit=3)
    assert [(slot.practitioner, *named([slot])) for slot in found] == [
        ("dr-iyer", "Tue 10 11:00"),
        ("dr-rao", "Tue 10 12:00"),
        ("dr-iyer", "Tue 10 10:30"),
    ]


def test_the_same_practitioner_at_another_place_costs_nothing_more():
    here = schedule(Interval(at("11:00"), at("11:30")))
    there = schedule()
    assert named(alternatives([here, there], at("11:00"), limit=1)) == ["Tue 10 11:00"]


def test_the_wanted_start_itself_is_never_an_alternative():
    assert at("11:00") not in [slot.starts_at for slot in alternatives(schedule(), at("11:00"), limit=20)]


def test_a_wish_in_the_past_or_beyond_the_horizon_gets_the_nearest_that_can_be_booked():
    one = schedule(horizon=timedelta(days=10), notice=timedelta(hours=24))
    assert named(alternatives(one, at("11:00", date(2025, 11, 4)), limit=1)) == ["Tue 03 11:00"]
    assert named(alternatives(one, at("11:00", date(2027, 11, 9)), limit=1)) == ["Tue 10 11:00"]
    assert named(alternatives(one, datetime.max.replace(tzinfo=UTC), limit=1)) != []
    assert named(alternatives(one, datetime.min.replace(tzinfo=UTC), limit=1)) != []


def test_the_search_stays_in_its_window():
    window = Interval(at("14:00"), at("15:00"))
    assert named(alternatives(schedule(), at("11:00"), window=window)) == ["Tue 10 14:00", "Tue 10 14:30"]
    later = Interval(at("09:00", date(2027, 6, 1)), at("10:00", date(2027, 6, 1)))
    assert named(alternatives(schedule(), at("11:00"), window=later)) == ["Tue 01 09:30", "Tue 01 09:00"]


@pytest.mark.parametrize("limit", [0, 1, 5, 7])
def test_no_more_than_the_limit_is_found(limit):
    assert len(alternatives(schedule(), at("11:00"), limit=limit)) == limit


def test_nothing_free_is_no_alternatives():
    everything = Interval(at("00:00", date(2026, 11, 1)), at("00:00", date(2027, 11, 1)))
    assert alternatives(schedule(everything), at("11:00")) == []
    assert alternatives([], at("11:00")) == []


def cost(slot, wanted: datetime, asked_for: str) -> float:
    """The score in minutes, told again from its description."""
    here, there = slot.starts_at.astimezone(KOLKATA), wanted.astimezone(KOLKATA)
    weeks, days = divmod(abs((here.date() - there.date()).days), 7)
    times = abs(here.hour * 60 + here.minute - there.hour * 60 - there.minute)
    apart = abs((here - there).total_seconds()) / 60
    return min(apart, weeks * 240 + min(days * 90, 300) + times) + (45 if slot.practitioner != asked_for else 0)


@given(
    st.lists(st.tuples(st.integers(2, 40), st.integers(8, 18), st.integers(1, 60)), max_size=30),
    st.integers(0, 30 * 48),
    st.integers(1, 8),
)
@settings(max_examples=40, deadline=None)
def test_stopping_early_finds_what_looking_at_everything_finds(taken, half_hours, limit):
    first = at("00:00", date(2026, 11, 1))
    busy = [
        Interval(first + timedelta(days=days, hours=hour), first + timedelta(days=days, hours=hour + long))
        for days, hour, long in taken
    ]
    schedules = [schedule(*busy), schedule(*busy[::2], key="dr-iyer")]
    wanted = first + timedelta(minutes=30 * half_hours)
    window = Interval(wanted - timedelta(days=7), wanted + timedelta(days=28))
    everything = [(slot, number) for number, one in enumerate(schedules) for slot in offers(one, window)]
    possible = [(cost(s, wanted, "dr-rao"), s.starts_at, n, s) for s, n in everything if n or s.starts_at != wanted]
    assert alternatives(schedules, wanted, limit, window) == [each[-1] for each in sorted(possible)[:limit]]


def test_alternatives_come_cheapest_first_and_are_the_same_each_time():
    schedules = [schedule(day(10)), schedule(key="dr-iyer"), schedule(key="dr-nair")]
    found = alternatives(schedules, at("11:00"))
    assert [slot.practitioner for slot in found[:2]] == ["dr-iyer", "dr-nair"]
    assert all(cost(a, at("11:00"), "dr-rao") <= cost(b, at("11:00"), "dr-rao") for a, b in pairwise(found))
    assert alternatives([replace(one) for one in schedules], at("11:00")) == found
