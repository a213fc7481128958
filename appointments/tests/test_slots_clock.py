"""Hours on the wall clock over the nights when it jumps, and rounds that are the same in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from appointments.slots import (
    Interval,
    Resource,
    Schedule,
    Terms,
    WeeklyHours,
    local_days,
    offers,
    refusals,
    wall_interval,
)

BERLIN, LORD_HOWE, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
NIGHTS = [
    ("Europe/Berlin", SPRING),
    ("Europe/Berlin", AUTUMN),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kolkata", AUTUMN),
    ("Asia/Kathmandu", AUTUMN),
]


def starts(day: date, opens: str, closes: str, length: int = 30, zone: ZoneInfo = BERLIN) -> list[str]:
    hours = (WeeklyHours(day.weekday(), time.fromisoformat(opens), time.fromisoformat(closes)),)
    now = datetime.combine(day, time(12), UTC) - timedelta(days=2)
    one = Schedule(Resource("dr"), zone, now, Terms(timedelta(minutes=length)), hours)
    slots = offers(one, local_days(day, 1, zone))
    return [slot.starts_at.astimezone(zone).strftime("%H:%M%z") for slot in slots]


def test_the_hour_missing_on_a_spring_night_is_never_offered():
    assert starts(SPRING, "01:00", "04:00") == ["01:00+0100", "01:30+0100", "03:00+0200", "03:30+0200"]


def test_hours_that_open_in_a_gap_open_after_it():
    assert starts(SPRING, "02:30", "04:00") == ["03:00+0200", "03:30+0200"]


def test_hours_that_close_in_a_gap_close_where_it_begins():
    assert starts(SPRING, "01:00", "02:30") == ["01:00+0100", "01:30+0100"]
    assert wall_interval(SPRING, time(1), time(2, 30), BERLIN).end == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_hours_wholly_in_a_gap_do_not_take_place():
    assert starts(SPRING, "02:00", "03:00") == []
    assert wall_interval(SPRING, time(2), time(3), BERLIN).is_empty


def test_both_readings_of_an_autumn_hour_are_offered_once_each():
    both = ["02:00+0200", "02:30+0200", "02:00+0100", "02:30+0100"]
    assert starts(AUTUMN, "01:30", "03:30") == ["01:30+0200", *both, "03:00+0100"]
    assert starts(AUTUMN, "02:00", "03:00") == both


def test_hours_open_at_the_first_and_close_at_the_second_reading():
    assert starts(AUTUMN, "02:30", "03:00") == ["02:30+0200", "02:00+0100", "02:30+0100"]
    assert starts(AUTUMN, "01:30", "02:30") == ["01:30+0200", "02:00+0200", "02:30+0200", "02:00+0100"]


def test_hours_that_close_just_where_a_fold_begins_close_at_the_first_reading():
    assert starts(AUTUMN, "01:00", "02:00") == ["01:00+0200", "01:30+0200"]


def test_half_hour_jumps_are_half_an_hour():
    assert starts(date(2026, 10, 4), "01:30", "03:00", zone=LORD_HOWE) == ["01:30+1030", "02:30+1100"]
    autumn = ["01:00+1100", "01:30+1100", "01:30+1030", "02:00+1030"]
    assert starts(date(2026, 4, 5), "01:00", "02:30", zone=LORD_HOWE) == autumn


def test_a_date_that_a_zone_skipped_has_no_time_and_no_offers():
    skipped = date(2011, 12, 30)
    assert local_days(skipped, 1, APIA).is_empty
    assert starts(skipped, "09:00", "17:00", zone=APIA) == []


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_a_local_day_has_the_hours_it_has(day, hours):
    whole = local_days(day, 1, BERLIN)
    assert whole.end - whole.start == timedelta(hours=hours)


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_round_the_clock_is_every_ten_minutes_of_elapsed_time_over_every_night(zone, night):
    hours = [WeeklyHours(day, time(0), time(0)) for day in range(7)]
    window = local_days(night - timedelta(days=1), 3, ZoneInfo(zone))
    one = Schedule(Resource("dr"), ZoneInfo(zone), window.start, Terms(timedelta(minutes=10)), hours)
    number = (window.end - window.start) // timedelta(minutes=10)
    every = [window.start + timedelta(minutes=10) * step for step in range(number)]
    assert [slot.starts_at for slot in offers(one, window)] == every


def test_a_start_is_the_same_instant_whatever_zone_it_is_written_in():
    hours = [WeeklyHours(AUTUMN.weekday(), time(2), time(3))]
    one = Schedule(Resource("dr"), BERLIN, datetime(2026, 10, 1, tzinfo=UTC), Terms(timedelta(minutes=60)), hours)
    first, second = (datetime(2026, 10, 25, 2, fold=fold, tzinfo=BERLIN) for fold in (0, 1))
    assert first == second  # so Python says; they are an hour apart
    assert (refusals(one, first), refusals(one, second)) == ([], [])
    assert [slot.starts_at for slot in offers(one, Interval(second, second + timedelta(hours=1)))] == [
        datetime(2026, 10, 25, 1, tzinfo=UTC)
    ]


def test_intervals_share_an_instant_or_they_do_not_overlap():
    hour = [datetime(2026, 1, 1, number, tzinfo=UTC) for number in range(4)]
    assert Interval(hour[0], hour[2]).overlaps(Interval(hour[1], hour[3]))
    assert not Interval(hour[0], hour[1]).overlaps(Interval(hour[1], hour[2]))
    assert not Interval(hour[1], hour[1]).overlaps(Interval(hour[0], hour[2]))
