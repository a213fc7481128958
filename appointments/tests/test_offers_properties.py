"""Is every time that is offered bookable, and every other refused with a true reason? On real rows, over random calendars.

Zones with half hours, both nights on which clocks change, leave, extra sessions, holidays, rooms out of use, lanes, buffers.
OFFERS_EXAMPLES=2000 makes it a long run (drills/offers.sh); the suite takes a short one.
"""

import datetime as dt
import os
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments import slots
from appointments.models import Claim, Practitioner, Resource, ScheduleException, WeeklyTemplate
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.judging import NotBookable
from clinics.models import Location
from healthcare.core.tenancy import current_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("OFFERS_EXAMPLES", "8"))
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
        for number, capacity in enumerate(drawn["rooms"]):
            known = {"name": f"Room {number}", "location_id": place.pk, "capacity": capacity, "kinds": [drawn["kind"]]}
            room = Resource(type="room", **known)
            room.save()
            if number == 0 and drawn["room_closed"]:
                during = stretch(self.midnight, drawn["room_closed"])
                ScheduleException(resource=room, effect="holiday", during=during).save()
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

    def offered(self, chart: Any) -> set[dt.datetime]:
        known = {"kind": self.kind, "day": self.day, "days": 3, "now": self.now, "patient_id": chart.pk}
        return {slot.starts_at for slot in free_times(practitioner=self.doctor, **known)}

    def true(self, code: str, start: dt.datetime, chart: Any) -> bool:
        """Is the reason true by itself? Looked up anew, past the engine, where rows can say it."""
        if code not in ("slot_taken", "patient_busy"):
            return True
        terms = slots.Terms(self.kind.length)
        length = dt.timedelta(minutes=self.doctor.slot_minutes) if self.doctor.slot_minutes else terms.length
        pause = self.kind.buffer if self.doctor.buffer_minutes is None else dt.timedelta(minutes=self.doctor.buffer_minutes)
        whose, until = (chart.pk, start + length) if code == "patient_busy" else (self.doctor.pk, start + length + pause)
        taken = Claim.objects.filter(resource_id=whose, during__overlap=(start, until)).values("lane").distinct().count()
        return taken >= (1 if code == "patient_busy" else self.doctor.capacity)


calendars = st.fixed_dictionaries(
    {
        "night": st.sampled_from(NIGHTS),
        "ahead": st.sampled_from([dt.timedelta(0), dt.timedelta(hours=30), dt.timedelta(days=-1)]),
        "kind": st.sampled_from(["consultation", "roomy", "twice"]),
        "opening": st.one_of(st.just([]), hours),
        "hours": hours,
        "rooms": st.lists(st.integers(1, 2), max_size=2),
        "room_closed": st.one_of(st.none(), stretches),
        "away": st.lists(st.tuples(st.sampled_from(["leave", "holiday", "extra", "extra"]), stretches), max_size=3),
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


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=calendars, picks=st.lists(st.integers(0, 10_000), min_size=2, max_size=4), asked=st.integers(0, 3 * 288))
def test_what_is_offered_is_booked_and_what_is_not_is_refused_for_a_true_reason(
    in_north: Any, settings: Any, drawn: dict[str, Any], picks: list[int], asked: int
) -> None:
    kinds = ["appointments.tests.kinds.ROOMY", "appointments.tests.kinds.TWICE"]
    settings.APPOINTMENT_PLUGINS = ["appointments.plugins.consultation.Consultation", *kinds]
    with transaction.atomic():
        calendar, chart = Calendar(drawn), make.patient()
        for number, pick in enumerate(picks):
            who = chart if number % 2 else make.patient()
            if free := sorted(calendar.offered(who)):
                assert calendar.book(who, free[pick % len(free)]).pk  # offered, so booked
        at = calendar.midnight + asked * dt.timedelta(minutes=5)
        offered = at in calendar.offered(chart)
        try:
            calendar.book(chart, at)
            assert offered
        except NotBookable as refused:
            assert not offered and refused.reasons
            assert all(calendar.true(one.code, at, chart) for one in refused.reasons)
        transaction.set_rollback(True)
