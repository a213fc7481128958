"""Do people read times as a clock on the wall says them, and programs as instants?"""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthcare.core import tenancy
from healthcare.core.errors import INSTANTS, Reason, Refused
from healthcare.core.problems import of_refusal

LONDON, KOLKATA, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def said(words, now=NOW, **instants):
    return Reason("why", words, instants, now).detail


def on(day, clock, zone=LONDON, fold=0):
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), zone).replace(fold=fold)


@pytest.fixture
def here_in_london():
    token = tenancy._current.set(SimpleNamespace(zone="Europe/London"))
    yield
    tenancy._current.reset(token)


def test_an_instant_is_said_as_the_wall_clock_of_its_place_has_it():
    assert said("It opens on {from_at}.", from_at=on("2026-11-27", "10:00")) == "It opens on Fri 27 November, 10:00."


def test_a_day_is_said_once_and_again_when_it_changes():
    night = {
        "from_at": on("2026-11-27", "23:00"),
        "until_at": on("2026-11-28", "01:00"),
        "starts_at": on("2026-11-27", "23:30"),
    }
    words = "{starts_at}: taken from {from_at} to {until_at}."
    assert said(words, **night) == "Fri 27 November, 23:30: taken from 23:00 to Sat 28 November, 01:00."


def test_the_year_is_said_where_it_is_another():
    assert said("{starts_at} has passed.", starts_at=on("2025-11-27", "10:00")) == "Thu 27 November 2025, 10:00 has passed."
    eve = dt.datetime(2026, 12, 31, 20, tzinfo=dt.UTC)  # the new year has begun in Kolkata
    assert said("{starts_at}", now=eve, starts_at=on("2027-01-01", "10:00", KOLKATA)) == "Fri 1 January, 10:00"


@pytest.mark.usefixtures("here_in_london")
def test_the_zone_is_named_only_where_the_hour_alone_would_mislead():
    assert said("{starts_at}", starts_at=on("2026-11-27", "10:00")) == "Fri 27 November, 10:00"
    assert said("{starts_at}", starts_at=on("2026-11-27", "10:00", KOLKATA)) == "Fri 27 November, 10:00 IST"
    assert said("{starts_at}", starts_at=on("2026-10-25", "01:30")) == "Sun 25 October, 01:30 BST"
    assert said("{starts_at}", starts_at=on("2026-10-25", "01:30", fold=1)) == "Sun 25 October, 01:30 GMT"


@pytest.mark.usefixtures("here_in_london")
def test_who_may_read_it_elsewhere_is_told_the_zone_once():
    at = {"from_at": on("2026-11-27", "10:00", KOLKATA), "until_at": on("2026-11-27", "11:00", KOLKATA)}
    assert said("Open from {from_at} to {until_at} ({zone}).", **at) == "Open from Fri 27 November, 10:00 to 11:00 (IST)."


def test_programs_get_the_instants_beside_the_sentence():
    at = {"from_at": on("2026-06-27", "10:00", BERLIN)}
    why = Refused(reasons=[Reason("too_early", "It opens on {from_at}.", at, NOW), Reason("plain", "It is {so}.")])
    assert of_refusal(why)["reasons"] == [
        {"code": "too_early", "detail": "It opens on Sat 27 June, 10:00.", "from_at": "2026-06-27T10:00:00+02:00"},
        {"code": "plain", "detail": "It is {so}."},
    ]


ZONES = st.sampled_from([LONDON, KOLKATA, BERLIN, ZoneInfo("Asia/Kathmandu")])
SECONDS = st.integers(int(on("1900-01-02", "00:00").timestamp()), int(on("2199-12-30", "00:00").timestamp()))
INSTANT = st.builds(dt.datetime.fromtimestamp, SECONDS, ZONES)


@given(st.dictionaries(st.sampled_from(sorted(INSTANTS)), INSTANT, min_size=1), INSTANT)
def test_whatever_the_instants_are_people_read_no_offset_and_programs_lose_nothing(at, now):
    why = Reason("why", " ".join(f"{{{name}}}" for name in at), at, now)
    assert "{" not in why.detail
    assert not any(sign in why.detail for sign in ("T0", "T1", "T2", "+0"))
    wire = why.on_wire()
    assert all(dt.datetime.fromisoformat(wire[name]).timestamp() == instant.timestamp() for name, instant in at.items())
