"""Do rules of repetition fall on the days that RFC 5545 says, and does each search have an end?"""

import datetime as dt
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.slots.rules import DAYS, Rule, Unreadable

BERLIN = ZoneInfo("Europe/Berlin")
YEARS = dt.timedelta(days=500)
MONDAY = dt.datetime.fromisoformat("2030-06-03T10:00")  # on the wall


def starts(rule: str, begins: dt.datetime = MONDAY, until: dt.datetime | None = None) -> list[dt.datetime]:
    return list(Rule.read(rule).starts(begins, until or begins + YEARS, BERLIN))


def some(values: Any, most: int = 3) -> Any:
    return st.lists(values, max_size=most, unique=True).map(lambda found: ",".join(map(str, found)))


@st.composite
def rules(draw: Any) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    which = draw(st.sampled_from(["", "", "1", "2", "-1", "+5"])) if frequency in ("MONTHLY", "YEARLY") else ""
    parts = {
        "INTERVAL": draw(st.integers(1, 9)),
        "BYDAY": draw(some(st.sampled_from([which + day for day in DAYS]))),
        "BYMONTHDAY": draw(some(st.sampled_from([1, 13, 28, 29, 30, 31, -1, -30]))),
        "BYMONTH": draw(some(st.integers(1, 12), 6)),
        "WKST": draw(st.sampled_from(["", "SU", "WE"])),
        "COUNT": draw(st.sampled_from(["", "3"])),
    }
    if frequency == "WEEKLY":  # the other one's first week begins on the first day
        parts["BYMONTHDAY"] = ""
    elif parts["BYDAY"] or parts["BYMONTHDAY"]:
        parts["BYSETPOS"] = draw(some(st.sampled_from([1, 2, -1, -2])))
    return f"FREQ={frequency}" + "".join(f";{name}={value}" for name, value in parts.items() if value)


@given(rules(), st.datetimes(MONDAY - 2 * YEARS, MONDAY + YEARS))
@settings(max_examples=120, deadline=None)
def test_it_agrees_with_another_reader_of_the_same_rules(rule: str, begins: dt.datetime) -> None:
    begins = begins.replace(microsecond=0)
    mine = starts(rule, begins)
    # the other one searches a rule that never comes true up to the year 9999: so it is asked for as many as there are
    theirs = list(islice(rrulestr(rule, dtstart=begins), len(mine)))
    assert mine == theirs


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
     "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5", "FREQ=YEARLY;BYDAY=54MO", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=20"],
)  # fmt: skip
def test_one_that_never_comes_true_is_searched_to_the_end_and_no_further(rule: str, monkeypatch: Any) -> None:
    looked_at: list[dt.date] = []
    fits = Rule._fits
    monkeypatch.setattr(Rule, "_fits", lambda self, day: looked_at.append(day) or fits(self, day))
    assert (starts(rule), max(looked_at) < dt.date(2033, 1, 1)) == ([], True)


@pytest.mark.parametrize(
    ("rule", "last"),
    [("UNTIL=20300605", 5), ("UNTIL=20300605T095959", 4), ("UNTIL=20300605T080000Z", 5), ("UNTIL=20300605T075959Z", 4)],
)
def test_it_ends_with_the_whole_day_or_at_the_instant_it_names(rule: str, last: int) -> None:
    assert starts(f"FREQ=DAILY;{rule}")[-1].day == last


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=99999999999999999999", "FREQ=DAILY;COUNT=-5",
     "FREQ=DAILY;COUNT=2;UNTIL=20300605", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=DAILY;BYMONTHDAY=1,,2",
     "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;WKST=XX", "FREQ=WEEKLY;BYMONTHDAY=1",
     "FREQ=DAILY;UNTIL=20301399", "FREQ=DAILY;", "FREQ=DAILY;FREQ=DAILY",
     "FREQ=DAILY;BYDAY=", "FREQ=DAILY;COUNT=١", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=999"],
)  # fmt: skip
def test_what_makes_no_sense_is_not_read(rule: str) -> None:
    with pytest.raises(Unreadable):
        starts(rule)
