"""The rules of the engine, each once allowed and once refused: hours, exceptions, terms, claims."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import perf_counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from appointments.slots import (
    Addition,
    Busy,
    Claim,
    Interval,
    Resource,
    ResourceNeed,
    Schedule,
    Subtraction,
    Terms,
    WeeklyHours,
    local_days,
    offers,
    refusals,
    slot_at,
)
from healthcare.core.errors import Reason

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 2)
NINE_TO_TWELVE = (WeeklyHours(0, time(9), time(12)),)
ROUND_THE_CLOCK = tuple(WeeklyHours(day, time(0), time(0)) for day in range(7))


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def between(start: str, end: str) -> Interval:
    return Interval(at(start), at(end))


def schedule(length: int = 60, **changes: Any) -> Schedule:
    terms = {key: changes.pop(key) for key in list(changes) if key in Terms.__slots__}
    usual = Schedule(
        practitioner=Resource("dr-weiss"),
        zone=BERLIN,
        now=at("00:00", date(2026, 10, 30)),
        terms=Terms(minutes(length), **terms),
        hours=NINE_TO_TWELVE,
    )
    return replace(usual, **changes)


def offered(one: Schedule, day: date = MONDAY, days: int = 1) -> list[str]:
    return [slot.starts_at.astimezone(BERLIN).strftime("%H:%M") for slot in offers(one, local_days(day, days, BERLIN))]


def why_not(one: Schedule, clock: str, day: date = MONDAY) -> list[str]:
    return [reason.code for reason in refusals(one, at(clock, day))]


# hours


def test_starts_are_offered_every_length_from_the_opening_while_the_appointment_fits():
    assert offered(schedule(50)) == ["09:00", "09:50", "10:40"]
    assert why_not(schedule(50), "11:30") == ["outside_hours"]


def test_an_appointment_may_end_exactly_at_closing():
    assert why_not(schedule(60), "11:00") == []
    assert why_not(schedule(60, step=minutes(1)), "11:01") == ["outside_hours"]


def test_the_step_sets_the_grid_and_a_start_beside_it_is_off_grid():
    assert offered(schedule(60, step=minutes(30))) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert why_not(schedule(60, step=minutes(30)), "09:45") == ["off_grid"]


def test_a_day_without_hours_has_no_offers_and_no_grid():
    assert offered(schedule(), date(2026, 11, 3)) == []
    assert why_not(schedule(), "09:07", date(2026, 11, 3)) == ["outside_hours"]


def test_hours_count_only_within_their_validity_both_dates_included():
    hours = (WeeklyHours(0, time(9), time(10), valid_from=MONDAY, valid_until=date(2026, 11, 9)),)
    mondays = [date(2026, 10, 26), MONDAY, date(2026, 11, 9), date(2026, 11, 16)]
    past = schedule(hours=hours, now=at("00:00", date(2026, 10, 1)))
    assert [offered(past, monday) for monday in mondays] == [[], ["09:00"], ["09:00"], []]


def test_several_hours_a_day_leave_the_break_between_them_out():
    one = schedule(hours=(*NINE_TO_TWELVE, WeeklyHours(0, time(13, 30), time(15))))
    assert offered(one) == ["09:00", "10:00", "11:00", "13:30"]
    assert why_not(one, "12:30") == ["outside_hours"]


def test_hours_that_close_at_or_before_opening_run_past_midnight():
    one = schedule(hours=(WeeklyHours(0, time(22), time(2)),))
    assert offered(one) == ["22:00", "23:00"]
    assert offered(one, date(2026, 11, 3)) == ["00:00", "01:00"]


def test_touching_periods_let_an_appointment_run_across_and_keep_the_starts_of_both():
    one = schedule(50, hours=(*NINE_TO_TWELVE, WeeklyHours(0, time(12), time(14))))
    assert offered(one) == ["09:00", "09:50", "10:40", "11:30", "12:00", "12:50"]


def test_overlapping_periods_offer_a_start_they_share_once():
    one = schedule(hours=(*NINE_TO_TWELVE, WeeklyHours(0, time(11), time(13))))
    assert offered(one) == ["09:00", "10:00", "11:00", "12:00"]


def test_round_the_clock_starts_follow_each_other_over_midnight():
    slots = offers(schedule(10, hours=ROUND_THE_CLOCK), local_days(MONDAY, 7, BERLIN))
    assert len(slots) == 7 * 144
    assert {later.starts_at - earlier.starts_at for earlier, later in pairwise(slots)} == {minutes(10)}


def test_a_long_appointment_may_run_over_midnight_round_the_clock():
    assert why_not(schedule(180, hours=ROUND_THE_CLOCK), "21:00") == []
    assert why_not(schedule(3000, step=minutes(60), hours=ROUND_THE_CLOCK), "21:00") == []


def test_the_location_is_open_whenever_it_has_no_hours_and_never_when_they_are_empty():
    assert why_not(schedule(location_hours=None), "09:00") == []
    assert why_not(schedule(location_hours=()), "09:00") == ["location_closed"]


def test_the_location_must_be_open_for_the_whole_appointment():
    one = schedule(location_hours=(WeeklyHours(0, time(10), time(11, 30)),))
    assert offered(one) == ["10:00"]
    assert why_not(one, "11:00") == ["location_closed"]


# exceptions


@pytest.mark.parametrize(
    ("code", "reason"),
    [("leave", "on_leave"), ("holiday", "holiday"), ("closed", "location_closed"), ("day_full", "day_full")],
)
def test_a_subtraction_takes_out_what_touches_it_under_its_own_code(code, reason):
    one = schedule(subtractions=(Subtraction(between("10:30", "11:00"), code),))
    assert offered(one) == ["09:00", "11:00"]
    assert why_not(one, "10:00") == [reason]


def test_leave_does_not_shift_the_grid():
    one = schedule(30, subtractions=(Subtraction(between("09:00", "09:40")),))
    assert offered(one) == ["10:00", "10:30", "11:00", "11:30"]


def test_leave_without_an_end_takes_out_everything_after_it():
    forever = Interval(at("10:00"), datetime.max.replace(tzinfo=UTC))
    assert offered(schedule(subtractions=(Subtraction(forever),)), days=28) == ["09:00"]


def test_an_extra_session_offers_starts_from_its_own_beginning():
    one = schedule(additions=(Addition(between("17:20", "19:20")),))
    assert offered(one) == ["09:00", "10:00", "11:00", "17:20", "18:20"]
    assert why_not(one, "18:00") == ["off_grid"]


def test_a_subtraction_is_stronger_than_an_extra_session():
    one = schedule(additions=(Addition(between("17:00", "18:00")),), subtractions=(Subtraction(between("16:00", "20:00")),))
    assert why_not(one, "17:00") == ["on_leave"]


def test_an_extra_session_takes_place_despite_what_it_names_and_nothing_else():
    holiday = Subtraction(between("00:00", "23:00"), "holiday")
    extra = Addition(between("17:00", "19:00"), despite=frozenset({"holiday", "closed"}))
    one = schedule(additions=(extra,), subtractions=(holiday,), location_hours=NINE_TO_TWELVE)
    assert offered(one) == ["17:00", "18:00"]
    assert why_not(one, "11:00") == ["holiday"]
    on_leave = replace(one, subtractions=(holiday, Subtraction(between("18:30", "19:00"))))
    assert why_not(on_leave, "18:00") == ["on_leave"]


# notice, horizon and the past


def test_notice_is_kept_to_the_minute():
    one = schedule(notice=minutes(120), now=at("08:00"))
    assert why_not(one, "10:00") == []
    assert why_not(replace(one, now=at("08:01")), "10:00") == ["too_soon"]


def test_without_notice_a_start_can_be_booked_until_it_has_passed():
    assert why_not(schedule(now=at("09:00")), "09:00") == []
    assert why_not(schedule(now=at("09:01")), "09:00") == ["in_the_past"]


def test_the_horizon_is_kept_to_the_minute():
    one = schedule(horizon=timedelta(days=7), now=at("10:00", date(2026, 10, 26)))
    assert offered(one) == ["09:00", "10:00"]
    assert why_not(one, "11:00") == ["too_far"]


def test_instants_beyond_every_calendar_are_refused_not_an_error():
    one = schedule(hours=ROUND_THE_CLOCK)
    assert [each.code for each in refusals(one, datetime.max.replace(tzinfo=UTC))] == ["too_far"]
    assert [each.code for each in refusals(one, datetime(1, 1, 1, tzinfo=BERLIN))] == ["in_the_past"]
    assert slot_at(one, datetime.max.replace(tzinfo=UTC)) is None


# claims


def test_a_busy_practitioner_is_refused_and_the_touching_starts_are_not():
    one = schedule(practitioner=Resource("dr", [Busy(between("10:00", "11:00"))]))
    assert offered(one) == ["09:00", "11:00"]
    assert why_not(one, "10:00") == ["slot_taken"]


def test_buffers_need_room_beside_other_claims_but_not_within_hours():
    one = schedule(30, buffer_before=minutes(10), buffer_after=minutes(15))
    assert offered(one) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]
    busy = replace(one, practitioner=Resource("dr", [Busy(between("10:10", "10:50"))]))
    assert offered(busy) == ["09:00", "11:00", "11:30"]
    assert why_not(busy, "09:30") == ["slot_taken"]
    busier = replace(one, practitioner=Resource("dr", [Busy(between("10:10", "10:51"))]))
    assert why_not(busier, "11:00") == ["slot_taken"]


def test_buffers_may_reach_into_leave():
    one = schedule(60, buffer_after=minutes(15), subtractions=(Subtraction(between("10:00", "11:00")),))
    assert offered(one) == ["09:00", "11:00"]


def test_a_patient_is_held_without_buffers():
    one = schedule(buffer_after=minutes(15), patient=Resource("patient", [Busy(between("10:00", "10:30"))]))
    assert offered(one) == ["09:00", "11:00"]
    assert why_not(one, "10:00") == ["patient_busy"]


def test_a_slot_is_taken_only_when_every_lane_is():
    lanes = [Busy(between("09:00", "11:00"), 0), Busy(between("10:00", "12:00"), 1)]
    one = schedule(practitioner=Resource("group", lanes, capacity=2))
    assert offered(one) == ["09:00", "11:00"]
    assert [slot.claims[0].lane for slot in offers(one, local_days(MONDAY, 1, BERLIN))] == [1, 0]
    assert why_not(one, "10:00") == ["slot_taken"]


def test_a_claim_without_a_lane_holds_all_of_them():
    one = schedule(practitioner=Resource("group", [Busy(between("09:00", "10:00"))], capacity=3))
    assert why_not(one, "09:00") == ["slot_taken"]


def test_an_overbooking_in_a_lane_above_capacity_takes_nothing_from_the_others():
    one = schedule(practitioner=Resource("dr", [Busy(between("09:00", "10:00"), 1)]))
    assert why_not(one, "09:00") == []


def test_a_need_is_met_by_the_first_candidate_that_is_free():
    rooms = (
        Resource("room-1", [Busy(between("09:00", "10:30"))]),
        Resource("room-2", [Busy(between("10:00", "11:00"))]),
    )
    one = schedule(resources=(ResourceNeed("room_taken", rooms),))
    slots = offers(one, local_days(MONDAY, 1, BERLIN))
    assert [slot.claims[-1].resource for slot in slots] == ["room-2", "room-1"]
    assert why_not(one, "10:00") == ["room_taken"]


def test_a_need_holds_the_buffers_only_where_it_says_so():
    device = Resource("laser", [Busy(between("10:00", "10:30"))])
    need = ResourceNeed("device_taken", (device,))
    one = schedule(buffer_after=minutes(15), resources=(need,))
    assert why_not(one, "09:00") == ["device_taken"]
    assert why_not(replace(one, resources=(replace(need, buffered=False),)), "09:00") == []


def test_two_needs_never_get_the_same_lane_and_an_earlier_one_makes_room():
    first, second = Resource("room-1"), Resource("room-2")
    one = schedule(resources=(ResourceNeed("room_taken", (first, second)), ResourceNeed("bath_taken", (first,))))
    [slot] = offers(one, local_days(MONDAY, 1, BERLIN), limit=1)
    assert [claim.resource for claim in slot.claims] == ["dr-weiss", "room-2", "room-1"]
    both_want_one = replace(one, resources=(ResourceNeed("room_taken", (first,)), ResourceNeed("bath_taken", (first,))))
    assert why_not(both_want_one, "09:00") == ["bath_taken"]


def test_a_need_without_candidates_is_never_met():
    assert why_not(schedule(resources=(ResourceNeed("room_taken", ()),)), "09:00") == ["room_taken"]


def test_a_slot_carries_the_claims_that_booking_it_makes():
    key = UUID(int=7)
    one = schedule(buffer_after=minutes(15), practitioner=Resource(key), patient=Resource("patient"))
    slot = slot_at(one, at("09:00"))
    assert slot is not None
    assert slot.practitioner == key
    assert (slot.starts_at, slot.ends_at) == (at("09:00"), at("10:00"))
    assert slot.claims == (Claim(key, 0, between("09:00", "10:15")), Claim("patient", 0, between("09:00", "10:00")))
    assert slot_at(one, at("12:00")) is None


# reasons


def test_every_reason_is_given_at_once_each_code_once_in_a_fixed_order():
    taken = [Busy(between("09:00", "12:00"))]
    one = schedule(
        now=at("09:30"),
        notice=minutes(60),
        location_hours=(),
        practitioner=Resource("dr", taken),
        patient=Resource("patient", taken),
        subtractions=tuple(Subtraction(between("09:00", "12:00"), code) for code in ("leave", "closed", "holiday")),
        resources=tuple(ResourceNeed("room_taken", (Resource(f"room-{number}", taken),)) for number in range(2)),
    )
    reasons = ["in_the_past", "too_soon", "location_closed", "holiday", "on_leave", "off_grid"]
    assert why_not(one, "09:10") == [*reasons, "slot_taken", "patient_busy", "room_taken"]


def test_a_reason_says_in_local_time_what_is_wrong():
    one = schedule(
        buffer_after=minutes(15),
        notice=timedelta(hours=72),
        now=at("00:00"),
        practitioner=Resource("dr", [Busy(between("09:00", "12:00"))]),
        resources=(ResourceNeed("laser_taken", ()),),
    )
    assert [Reason(*reason).detail for reason in refusals(one, at("10:00"))] == [
        "Bookings need notice of 3 days.",
        "The practitioner is not free from Mon 2 November, 10:00 to 11:15.",
        "Laser taken: Mon 2 November, 10:00 to 11:00, buffers apart.",
    ]


def test_a_reason_has_the_instants_that_it_speaks_of_in_the_zone_of_the_place():
    one = schedule(buffer_after=minutes(15), notice=timedelta(hours=72), horizon=timedelta(days=1), now=at("00:00"))
    early, late = refusals(one, at("10:00")), refusals(one, at("10:00") + timedelta(days=7))
    assert {reason.code: reason.instants for reason in early} == {"too_soon": {"from_at": at("00:00") + timedelta(days=3)}}
    assert {reason.code: reason.instants for reason in late} == {"too_far": {"until_at": at("00:00") + timedelta(days=1)}}
    taken = refusals(
        schedule(buffer_after=minutes(15), practitioner=Resource("dr", [Busy(between("09:00", "12:00"))])), at("10:00")
    )
    assert [at.isoformat() for at in taken[0].instants.values()] == ["2026-11-02T10:00:00+01:00", "2026-11-02T11:15:00+01:00"]


# windows, limits, malformed input


def test_the_window_holds_the_start_its_end_is_out_and_slots_may_end_after_it():
    assert [slot.starts_at for slot in offers(schedule(), between("09:00", "10:00"))] == [at("09:00")]
    assert offers(schedule(), between("09:01", "10:00")) == []
    assert offers(schedule(), between("09:00", "09:00")) == []


def test_a_limit_gives_the_first_slots_even_of_an_endless_window():
    window = Interval(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert [slot.starts_at for slot in offers(schedule(), window, limit=4)] == [
        *(at(clock) for clock in ("09:00", "10:00", "11:00")),
        at("09:00", date(2026, 11, 9)),
    ]
    assert offers(schedule(), window, limit=0) == []


@pytest.mark.parametrize(
    "malformed",
    [
        lambda: Interval(datetime(2026, 11, 2), datetime(2026, 11, 3)),  # noqa: DTZ001
        lambda: Interval(at("10:00"), at("09:00")),
        lambda: refusals(schedule(), datetime(2026, 11, 2)),  # noqa: DTZ001
        lambda: WeeklyHours(7, time(9), time(10)),
        lambda: WeeklyHours(0, time(9, tzinfo=UTC), time(10)),
        lambda: Resource("room", capacity=0),
        lambda: Terms(minutes(0)),
        lambda: Terms(minutes(30), step=timedelta(seconds=59)),
        lambda: Terms(minutes(30), buffer_after=minutes(-1)),
        lambda: Terms(minutes(30), horizon=timedelta(days=40_000)),
    ],
)
def test_what_cannot_be_is_an_error_where_it_is_made(malformed):
    with pytest.raises(ValueError, match=r"\w"):
        malformed()


def test_a_month_with_two_thousand_bookings_is_answered_without_quadratic_work():
    start = at("00:00")
    busy = [Busy(Interval(start + minutes(20 * number), start + minutes(20 * number + 10))) for number in range(2000)]
    one = schedule(10, hours=ROUND_THE_CLOCK, practitioner=Resource("dr", busy))
    begun = perf_counter()
    slots = offers(one, local_days(MONDAY, 30, BERLIN))
    assert perf_counter() - begun < 0.5  # measured: 0.015 s; quadratic would be 8.6 million comparisons, seconds
    assert len(slots) == 30 * 144 - 2000
