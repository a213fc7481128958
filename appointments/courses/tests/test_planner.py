"""Is the plan a plan, is it the best there is, and is there one whenever there could be?"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.courses.planner import Before, Gap, Option, Stuck, _cost, plan

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = dt.date(2030, 10, 24)  # the clocks go back on the 27th


def at(day: int, hour: int, who: str = "a", length: int = 60) -> Option[str]:
    """On that day at that hour of Berlin's wall clock."""
    local = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time(hour))
    starts = local.replace(tzinfo=BERLIN).astimezone(dt.UTC)
    return Option(starts, starts + dt.timedelta(minutes=length), local, who)


OPTIONS = st.builds(at, st.integers(0, 6), st.integers(7, 18), st.sampled_from("ab"))
GAPS = st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda two: Gap(two[0], two[0] + two[1]))
COURSES = st.lists(st.tuples(GAPS, st.lists(OPTIONS, max_size=5, unique=True)), min_size=1, max_size=4)


def chains(gaps: Sequence[Gap], options: Sequence[Sequence[Option[str]]]) -> list[tuple[float, tuple[Option[str], ...]]]:
    """Every plan there is, with its cost: by trying everything."""
    found = []
    for chain in product(*options):
        cost, day, local, who, ended = 0.0, FIRST, None, None, None
        for gap, one in zip(gaps, chain, strict=True):
            days = (one.local.date() - day).days
            if not gap.least <= days <= gap.most or (ended is not None and one.starts_at < ended):
                break
            cost += _cost(one, local, who, day, gap)
            day, local, who, ended = one.local.date(), one.local, one.who, one.ends_at
        else:
            found.append((cost, chain))
    return found


@settings(max_examples=250, deadline=None)
@given(COURSES)
def test_a_plan_is_found_whenever_there_is_one_and_none_is_better(course: list[tuple[Gap, list[Option[str]]]]) -> None:
    gaps, options = [gap for gap, _ in course], [choices for _, choices in course]
    found, all_there_are = plan(gaps, options, Before(FIRST)), chains(gaps, options)
    if isinstance(found, Stuck):
        assert all_there_are == []
        assert chains(gaps[: found.sitting + 1], options[: found.sitting + 1]) == []
        assert found.sitting == 0 or chains(gaps[: found.sitting], options[: found.sitting])
    else:
        costs = {chain: cost for cost, chain in all_there_are}
        assert abs(costs[tuple(found)] - min(costs.values())) < 1e-6


def test_a_night_of_twenty_five_hours_is_one_night() -> None:
    daily = [Gap(1, 1)] * 5
    found = plan(daily, [[at(day, 9)] for day in range(1, 6)], Before(FIRST))
    assert [one.local.hour for one in found] == [9] * 5  # type: ignore[union-attr]
    hours = [(b.starts_at - a.starts_at) // dt.timedelta(hours=1) for a, b in pairwise(found)]  # type: ignore[arg-type]
    assert hours == [24, 25, 24, 24]


def test_the_end_comes_first_then_the_same_hands_then_the_same_hour() -> None:
    gaps = [Gap(0, 0), Gap(1, 2)]
    assert plan(gaps, [[at(0, 9)], [at(2, 9), at(1, 15, "b")]], Before(FIRST)) == [at(0, 9), at(1, 15, "b")]
    assert plan(gaps, [[at(0, 9)], [at(1, 9, "b"), at(1, 14)]], Before(FIRST)) == [at(0, 9), at(1, 14)]
    assert plan(gaps, [[at(0, 9)], [at(1, 12), at(1, 10)]], Before(FIRST)) == [at(0, 9), at(1, 10)]


def test_where_it_fails_is_told() -> None:
    gaps = [Gap(0, 1), Gap(1, 1), Gap(1, 1)]
    assert plan(gaps, [[at(0, 9)], [at(1, 9)], [at(4, 9)]], Before(FIRST)) == Stuck(2)


def test_a_long_course_of_many_choices_is_planned_in_linear_steps() -> None:
    gaps = [Gap(1, 2)] * 90
    of_day = [[at(day, hour, who) for hour in (8, 10, 12) for who in "ab"] for day in range(120)]
    options = [[one for day in of_day[number : number + 30] for one in day] for number in range(90)]
    found = plan(gaps, options, Before(FIRST))
    assert not isinstance(found, Stuck)
    assert len(found) == 90
