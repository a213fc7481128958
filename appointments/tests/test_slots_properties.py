"""The engine against a slow judge that counts quarters of an hour and knows nothing of spans or bisection."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.slots import (
    Addition,
    Busy,
    Interval,
    Resource,
    ResourceNeed,
    Schedule,
    Subtraction,
    Terms,
    WeeklyHours,
    alternatives,
    offers,
    refusals,
    slot_at,
)

QUARTER = timedelta(minutes=15)
NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 31)),
    ("Asia/Kolkata", date(2026, 11, 1)),
    ("Asia/Kathmandu", date(2026, 11, 1)),
]
quickly = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class Judge:
    """Says of one schedule what is true, by counting quarters from `origin`, on which all data fall."""

    def __init__(self, schedule: Schedule, origin: datetime) -> None:
        self.schedule, self.terms, self.origin = schedule, schedule.terms, origin
        self.walls = [(n, self._wall(n)) for n in range(-4 * 96, 5 * 96)]

    def _wall(self, quarter: int) -> datetime:
        return (self.origin + quarter * QUARTER).astimezone(self.schedule.zone).replace(tzinfo=None)

    def number(self, instant: datetime) -> int:
        return (instant - self.origin) // QUARTER

    def quarters(self, during: Interval) -> set[int]:
        return set(range(self.number(during.start), self.number(during.end)))

    def held(self, start: int, buffered: bool = False) -> set[int]:
        before, after = (self.terms.buffer_before, self.terms.buffer_after) if buffered else (timedelta(0),) * 2
        return set(range(start - before // QUARTER, start + (self.terms.length + after) // QUARTER))

    def weekly(self, hours) -> list[set[int]]:
        periods = []
        for day in (self.walls[0][1].date() + timedelta(days=number) for number in range(11)):
            for one in hours:
                valid = (one.valid_from or day) <= day <= (one.valid_until or day)
                if one.weekday == day.weekday() and valid:
                    periods.append(self.on(day, one.opens, one.closes))
        return [period for period in periods if period]

    def on(self, day: date, opens: time, closes: time) -> set[int]:
        begin = datetime.combine(day, opens)
        end = datetime.combine(day, closes) + timedelta(days=closes <= opens)
        not_before = [n for n, wall in self.walls if wall >= begin]
        still_before = [n for n, wall in self.walls if wall < end]
        return set(range(min(not_before, default=5 * 96), max(still_before, default=-4 * 96 - 1) + 1))

    @cached_property
    def periods(self) -> list[set[int]]:
        extra = [self.quarters(added.during) for added in self.schedule.additions]
        return [*self.weekly(self.schedule.hours), *filter(None, extra)]

    @cached_property
    def working(self) -> set[int]:
        return set().union(*self.periods)

    def despite(self, code: str) -> set[int]:
        return set().union(*(self.quarters(one.during) for one in self.schedule.additions if code in one.despite))

    @cached_property
    def open_quarters(self) -> set[int]:
        return set().union(self.despite("closed"), *self.weekly(self.schedule.location_hours or ()))

    def taken_out(self, code: str) -> set[int]:
        during = [self.quarters(one.during) for one in self.schedule.subtractions if one.code == code]
        return set().union(*during) - self.despite(code)

    def free_places(self, need: ResourceNeed, start: int) -> list[tuple]:
        held = self.held(start, need.buffered)
        return [
            (candidate.key, lane)
            for candidate in need.candidates
            for lane in range(candidate.capacity)
            if not any(held & self.quarters(b.during) for b in candidate.busy if b.lane in (None, lane))
        ]

    def unmet(self, start: int) -> set[str]:
        """Of all ways to give out places, the one that serves the earliest needs first."""
        needs = self.schedule.needs
        ways = product(*([*self.free_places(need, start), None] for need in needs))
        fair = (way for way in ways if len(set(filter(None, way))) == len([place for place in way if place]))
        best = max(tuple(place is not None for place in way) for way in fair)
        return {need.code for need, met in zip(needs, best, strict=True) if not met}

    def reasons(self, start: int) -> set[str]:
        starts_at = self.origin + start * QUARTER
        ahead, during, terms = starts_at - self.schedule.now, self.held(start), self.terms
        step = (terms.step or terms.length) // QUARTER
        running = [period for period in self.periods if start in period]
        closed = self.schedule.location_hours is not None and not during <= self.open_quarters
        says = {
            "in_the_past": ahead < timedelta(0),
            "too_soon": bool(terms.notice) and ahead < terms.notice,
            "too_far": terms.horizon is not None and ahead > terms.horizon,
            "outside_hours": not during <= self.working,
            "location_closed": closed or bool(during & self.taken_out("closed")),
            "on_leave": bool(during & self.taken_out("leave")),
            "holiday": bool(during & self.taken_out("holiday")),
            "off_grid": bool(running) and all((start - min(period)) % step for period in running),
        }
        return {code for code, true in says.items() if true} | self.unmet(start)


# calendars: everything falls on quarters of an hour around a night when the clock jumps (or doesn't)


@st.composite
def intervals(draw, origin: datetime, longest: int = 40) -> Interval:
    start = origin + draw(st.integers(-40, 150)) * QUARTER
    return Interval(start, start + draw(st.integers(0, longest)) * QUARTER)


@st.composite
def weekly_hours(draw, night: date) -> WeeklyHours:
    opens, closes = (time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30, 45]))) for _ in range(2))
    day = night + timedelta(days=draw(st.integers(-1, 1)))
    valid = st.none() | st.integers(-2, 2).map(lambda days: night + timedelta(days=days))
    return WeeklyHours(day.weekday(), opens, closes, draw(valid), draw(valid))


def hours(night: date):
    round_the_clock = [WeeklyHours(day, time(0), time(0)) for day in range(7)]
    ordinary = [WeeklyHours(day, time(1), time(20)) for day in range(7)]
    return st.just(round_the_clock) | st.just(ordinary) | st.lists(weekly_hours(night), max_size=5)


@st.composite
def resources(draw, origin: datetime, key: str) -> Resource:
    capacity = draw(st.sampled_from([1, 1, 2]))
    claim = st.builds(Busy, intervals(origin, 12), st.sampled_from([None, 0, 1, 2]))
    return Resource(key, draw(st.lists(claim, min_size=1, max_size=5)), capacity)


@st.composite
def needs(draw, origin: datetime) -> tuple[ResourceNeed, ...]:
    rooms = [draw(resources(origin, key)) for key in ("room-1", "room-2")]
    some = st.lists(st.sampled_from(rooms), min_size=1, max_size=2, unique_by=lambda room: room.key).map(tuple)
    need = st.builds(ResourceNeed, st.sampled_from(["room_taken", "device_taken"]), some, st.booleans())
    return tuple(draw(st.lists(need, max_size=2)))


terms = st.builds(
    Terms,
    length=st.sampled_from([1, 2, 3, 4, 10]).map(QUARTER.__mul__),
    step=st.none() | st.sampled_from([1, 2, 3]).map(QUARTER.__mul__),
    buffer_before=st.sampled_from([0, 1, 1]).map(QUARTER.__mul__),
    buffer_after=st.sampled_from([0, 1, 2]).map(QUARTER.__mul__),
    notice=st.sampled_from([0, 0, 8]).map(QUARTER.__mul__),
    horizon=st.none() | st.sampled_from([60, 130]).map(QUARTER.__mul__),
)


@st.composite
def calendars(draw) -> tuple[Schedule, datetime]:
    zone, night = draw(st.sampled_from(NIGHTS))
    origin = datetime.combine(night, time(0), ZoneInfo(zone)).astimezone(UTC) - 24 * QUARTER
    codes = st.frozensets(st.sampled_from(["leave", "holiday", "closed"]), max_size=2)
    taken = st.builds(Subtraction, intervals(origin), st.sampled_from(["leave", "holiday", "closed"]))
    schedule = Schedule(
        practitioner=draw(resources(origin, "dr")),
        zone=ZoneInfo(zone),
        now=origin + draw(st.integers(-20, 40)) * QUARTER,
        terms=draw(terms),
        hours=draw(hours(night)),
        location_hours=draw(st.none() | hours(night)),
        subtractions=draw(st.lists(taken, max_size=3)),
        additions=draw(st.lists(st.builds(Addition, intervals(origin), codes), max_size=2)),
        patient=draw(st.none() | resources(origin, "patient")),
        resources=draw(needs(origin)),
    )
    return schedule, origin


def two_days(origin: datetime) -> Interval:
    return Interval(origin, origin + 130 * QUARTER)


@given(calendars())
@quickly
def test_every_reason_that_is_true_is_given_and_none_that_is_not(calendar):
    schedule, origin = calendar
    judge = Judge(schedule, origin)
    for quarter in range(130):
        given_reasons = [reason.code for reason in refusals(schedule, origin + quarter * QUARTER)]
        assert set(given_reasons) == judge.reasons(quarter)
        assert len(given_reasons) == len(set(given_reasons))


@given(calendars())
@quickly
def test_a_start_is_offered_exactly_when_nothing_is_against_it(calendar):
    schedule, origin = calendar
    slots = offers(schedule, two_days(origin))
    bookable = [origin + n * QUARTER for n in range(130) if not refusals(schedule, origin + n * QUARTER)]
    assert [slot.starts_at for slot in slots] == bookable
    assert [slot_at(schedule, start) for start in bookable] == slots


@given(calendars(), st.integers(1, 14))
@quickly
def test_between_the_quarters_nothing_is_offered_and_something_is_against_it(calendar, minutes):
    schedule, origin = calendar
    for quarter in range(0, 130, 7):
        start = origin + quarter * QUARTER + timedelta(minutes=minutes)
        assert {"off_grid", "outside_hours"} & {reason.code for reason in refusals(schedule, start)}
        assert slot_at(schedule, start) is None


@given(calendars())
@quickly
def test_the_claims_of_an_offer_overlap_nothing_and_each_other_never(calendar):
    schedule, origin = calendar
    everything = {candidate.key: candidate for need in schedule.needs for candidate in need.candidates}
    for slot in offers(schedule, two_days(origin)):
        assert len({(claim.resource, claim.lane) for claim in slot.claims}) == len(schedule.needs)
        for claim in slot.claims:
            resource = everything[claim.resource]
            assert 0 <= claim.lane < resource.capacity
            assert not [b for b in resource.busy if b.lane in (None, claim.lane) and claim.during.overlaps(b.during)]


@given(calendars(), st.data())
@quickly
def test_one_more_claim_or_leave_never_adds_an_offer(calendar, data):
    schedule, origin = calendar
    more = data.draw(intervals(origin))
    before = {slot.starts_at for slot in offers(schedule, two_days(origin))}
    busier = replace(schedule.practitioner, busy=[*schedule.practitioner.busy, Busy(more, data.draw(st.none() | st.just(0)))])
    for fuller in (
        replace(schedule, practitioner=busier),
        replace(schedule, subtractions=[*schedule.subtractions, Subtraction(more)]),
    ):
        assert {slot.starts_at for slot in offers(fuller, two_days(origin))} <= before


@given(calendars(), st.data())
@quickly
def test_more_hours_or_one_more_lane_never_take_an_offer_away(calendar, data):
    schedule, origin = calendar
    before = {slot.starts_at for slot in offers(schedule, two_days(origin))}
    wider = replace(schedule.practitioner, capacity=schedule.practitioner.capacity + 1)
    extra = Addition(data.draw(intervals(origin)))
    for freer in (
        replace(schedule, practitioner=wider),
        replace(schedule, additions=[*schedule.additions, extra]),
    ):
        assert {slot.starts_at for slot in offers(freer, two_days(origin))} >= before


@given(calendars(), st.integers(0, 130), st.integers(0, 130))
@quickly
def test_windows_beside_each_other_offer_what_the_whole_does_each_instant_once_in_order(calendar, first, second):
    schedule, origin = calendar
    whole = two_days(origin)
    cuts = [whole.start, *sorted(origin + number * QUARTER for number in (first, second)), whole.end]
    parts = [slot for start, end in pairwise(cuts) for slot in offers(schedule, Interval(start, end))]
    slots = offers(schedule, whole)
    assert parts == slots
    assert [slot.starts_at for slot in slots] == sorted({slot.starts_at for slot in slots})
    assert offers(schedule, whole, limit=3) == slots[:3]


@given(calendars(), st.integers(-30, 160))
@quickly
def test_alternatives_are_at_most_five_bookable_stable_and_never_the_refused_start(calendar, quarter):
    schedule, origin = calendar
    wanted = origin + quarter * QUARTER
    found = alternatives(schedule, wanted)
    assert len(found) <= 5
    assert [refusals(schedule, slot.starts_at) for slot in found] == [[] for _ in found]
    assert wanted not in [slot.starts_at for slot in found]
    assert alternatives(schedule, wanted) == found
