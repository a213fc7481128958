"""Is every time that is offered bookable, and every other refused with all that speaks against it, and nothing untrue? On real
rows, over random calendars.

Zones with half hours, both nights on which clocks change, leave, extra sessions, holidays, rooms out of use, lanes, buffers.
What is true is found by `truth`, past the engine. OFFERS_EXAMPLES=2000 makes it a long run that counts (drills/offers.sh).
"""

import datetime as dt
import os
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.models import Practitioner, Resource, ScheduleException, WeeklyTemplate
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.judging import NotBookable
from appointments.tests.truth import TICK, Truth
from clinics.models import Location
from healthcare.core.tenancy import current_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("OFFERS_EXAMPLES", "6"))
QUARTER = dt.timedelta(minutes=15)
# a zone, and a Saturday before a night on which something happens there (or nothing)
NIGHTS = [
    ("Europe/Berlin", dt.date(2030, 3, 30)),
    ("Europe/Berlin", dt.date(2030, 10, 26)),
    ("America/New_York", dt.date(2030, 3, 9)),
    ("Australia/Lord_Howe", dt.date(2030, 4, 6)),
    ("Australia/Lord_Howe", dt.date(2030, 10, 5)),
    ("Asia/Kolkata", dt.date(2030, 6, 1)),
    ("America/St_Johns", dt.date(2030, 11, 2)),
    ("Asia/Kathmandu", dt.date(2030, 6, 1)),
]
clocks = st.integers(0, 95).map(lambda n: dt.time(n // 4, n % 4 * 15))
stretches = st.tuples(st.integers(0, 3 * 96), st.integers(1, 24))  # quarters from midnight, how many
hours = st.lists(st.tuples(st.integers(0, 6), clocks, clocks, st.sampled_from([None, -1, 0, 1])), min_size=0, max_size=5)


def stretch(midnight: dt.datetime, quarters: tuple[int, int]) -> tuple[dt.datetime, dt.datetime]:
    begins = midnight + quarters[0] * QUARTER
    return begins, begins + quarters[1] * QUARTER


class Calendar:
    """One random clinic: a practitioner, rooms, everything that may stand in the way."""

    def __init__(self, drawn: dict[str, Any]) -> None:
        zone, self.day = drawn["night"]
        self.zone = ZoneInfo(zone)
        self.midnight = dt.datetime.combine(self.day, dt.time(0), self.zone).astimezone(dt.UTC)
        self.now = self.midnight - drawn["ahead"]
        clinic_id = current_clinic().pk
        with on_platform():
            place = Location(clinic_id=clinic_id, name="Property", zone=zone, hours=self.opening(drawn["opening"]))
            place.save(force_insert=True)
        made = Practitioner(name="Dr P", location_id=place.pk, kinds=[drawn["kind"]], **drawn["terms"])
        made.save()
        for weekday, opens, closes, shift in drawn["hours"]:
            first = None if shift is None else self.day + dt.timedelta(days=shift)
            WeeklyTemplate(practitioner=made, weekday=weekday, opens=opens, closes=closes, valid_from=first).save()
        for number, (sort, capacity) in enumerate(drawn["things"]):
            known = {"name": f"Thing {number}", "location_id": place.pk, "capacity": capacity, "kinds": [drawn["kind"]]}
            thing = Resource(type=sort, **known)
            thing.save()
            if number == 0 and drawn["thing_closed"]:
                during = stretch(self.midnight, drawn["thing_closed"])
                ScheduleException(resource=thing, effect="holiday", during=during).save()
        for effect, quarters in drawn["away"]:
            whose = {"location_id": place.pk} if effect == "holiday" else {"practitioner": made}
            ScheduleException(effect=effect, during=stretch(self.midnight, quarters), **whose).save()
        self.doctor = Practitioner.objects.with_place().get(pk=made.pk)
        self.kind = kind_named(drawn["kind"])

    @staticmethod
    def opening(drawn: list[Any]) -> list[dict[str, Any]]:
        return [{"weekday": w, "opens": f"{o:%H:%M}", "closes": f"{c:%H:%M}"} for w, o, c, _ in drawn]

    def book(self, chart: Any, start: dt.datetime) -> Any:
        known = {"kind": self.kind.code, "by": None, "now": self.now, "search": False}
        return book(patient=chart, practitioner=self.doctor, starts_at=start, **known)

    def offered(self, chart: Any, days: int = 5) -> set[dt.datetime]:
        first = self.day - dt.timedelta(days=1)
        known = {"kind": self.kind, "day": first, "days": days, "now": self.now, "patient_id": chart.pk}
        return {slot.starts_at for slot in free_times(practitioner=self.doctor, **known)}


calendars = st.fixed_dictionaries(
    {
        "night": st.sampled_from(NIGHTS),
        "ahead": st.sampled_from([dt.timedelta(0), dt.timedelta(hours=30), dt.timedelta(days=-1)]),
        "kind": st.sampled_from(["consultation", "roomy", "twice"]),
        "opening": st.one_of(st.just([]), hours),
        "hours": hours,
        "things": st.lists(st.tuples(st.sampled_from(["room", "device"]), st.integers(1, 2)), min_size=1, max_size=5),
        "thing_closed": st.one_of(st.none(), stretches),
        "away": st.lists(st.tuples(st.sampled_from(["leave", "leave", "holiday", "extra", "extra"]), stretches), max_size=4),
        "terms": st.fixed_dictionaries(
            {
                "slot_minutes": st.sampled_from([None, 10, 25, 45]),
                "buffer_minutes": st.sampled_from([None, 0, 20]),
                "notice_minutes": st.sampled_from([None, 0, 300]),
                "horizon_days": st.sampled_from([None, 1, 2]),
                "capacity": st.sampled_from([1, 2]),
                "daily_limit": st.sampled_from([None, None, 2]),
            }
        ),
    }
)


# at a place in the three days, or so many steps beside what is booked already
asked = st.one_of(st.tuples(st.just("at"), st.integers(0, 3 * 288)), st.tuples(st.just("beside"), st.integers(-12, 12)))
seen: Counter[str] = Counter()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=calendars,
    picks=st.lists(st.integers(0, 10_000), min_size=4, max_size=8),
    asks=st.lists(asked, min_size=2, max_size=4),
)
def any_calendar(drawn: dict[str, Any], picks: list[int], asks: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        calendar, chart = Calendar(drawn), make.patient()
        beside = calendar.midnight
        for number, pick in enumerate(picks):
            who = chart if number % 2 else make.patient()
            if free := sorted(calendar.offered(who)):
                row = calendar.book(who, free[pick % len(free)])  # offered, so booked
                beside = row.starts_at
                seen["offered, so booked"] += 1
        for where, steps in asks:
            start = (calendar.midnight if where == "at" else beside) + steps * TICK
            offered = start in calendar.offered(chart, days=6)  # beside the last one may be past the midnight after it
            against = Truth(calendar.doctor, calendar.kind, chart, day=calendar.day, now=calendar.now).codes(start)
            try:
                calendar.book(chart, start)
            except NotBookable as refused:
                codes = [one.code for one in refused.reasons]
                assert not offered and codes and set(codes) == against
                seen.update(["not offered, so refused", *codes])
            else:
                assert offered and not against
                seen["offered, so booked"] += 1
        transaction.set_rollback(True)


def test_what_is_offered_is_booked_and_what_is_not_is_refused_for_all_that_is_true_and_nothing_else(
    in_north: Any, settings: Any, capsys: Any
) -> None:
    kinds = ["appointments.tests.kinds.ROOMY", "appointments.tests.kinds.TWICE"]
    settings.APPOINTMENT_PLUGINS = ["appointments.plugins.consultation.Consultation", *kinds]
    any_calendar()
    if EXAMPLES >= 100:
        with capsys.disabled():
            print(f"\n{EXAMPLES} calendars: {dict(seen.most_common())}")  # noqa: T201 (a drill's count)
        assert min(seen["offered, so booked"], seen["not offered, so refused"]) >= EXAMPLES
