"""Is what is offered bookable, on real rows, and is the published instant kept fresh?"""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments import slots
from appointments.models import Practitioner, ScheduleException
from appointments.plugins.registry import kind_named
from appointments.services import publishing, steps
from appointments.services.availability import free_times, next_free
from appointments.services.diary import Diary
from appointments.services.judging import NotBookable
from appointments.services.rescheduling import reschedule
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from clinics.models import Location
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
DAY = NOW.date()
MIDNIGHT = dt.datetime(2030, 6, 2, 22, tzinfo=dt.UTC)  # of that Monday in Berlin
quarters = st.integers(min_value=0, max_value=95).map(lambda n: dt.timedelta(minutes=15 * n))
stretches = st.tuples(st.integers(min_value=0, max_value=3), quarters, st.integers(min_value=1, max_value=16))


def offered(doctor: Practitioner, **more: Any) -> list[dt.datetime]:
    known = {"kind": kind_named("consultation"), "day": DAY, "days": 1, "now": NOW, **more}
    return [slot.starts_at for slot in free_times(practitioner=doctor, **known)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    taken=st.lists(stretches, max_size=4),
    away=st.lists(st.tuples(st.sampled_from(["leave", "holiday", "extra"]), stretches), max_size=3),
    terms=st.fixed_dictionaries(
        {
            "slot_minutes": st.sampled_from([None, 10, 45]),
            "buffer_minutes": st.sampled_from([None, 0, 20]),
            "notice_minutes": st.sampled_from([None, 0, 300]),
            "capacity": st.sampled_from([1, 2]),
        }
    ),
    asked=quarters,
)
def test_a_time_is_offered_exactly_when_it_can_be_booked(
    in_north: Any, taken: list[Any], away: list[Any], terms: dict[str, Any], asked: dt.timedelta
) -> None:
    with transaction.atomic():
        doctor, chart = scene.doctor(**terms), make.patient()
        for effect, (day, start, length) in away:
            begins = MIDNIGHT + dt.timedelta(days=day) + start
            during = (begins, begins + length * dt.timedelta(minutes=15))
            ScheduleException(practitioner=doctor, effect=effect, during=during).save()
        for day, start, _ in taken:
            try:
                booked(doctor, make.patient(), MIDNIGHT + dt.timedelta(days=day) + start)
            except NotBookable:
                continue
        free = offered(doctor, days=4, patient_id=chart.pk)
        for start in [*free[:1], *free[-1:], MIDNIGHT + asked]:
            assert can_be_booked(doctor, chart, start) == (start in free)
        transaction.set_rollback(True)


def can_be_booked(doctor: Practitioner, chart: Any, start: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            booked(doctor, chart, start)
            transaction.set_rollback(True)
        return True
    except NotBookable:
        return False


def test_location_hours_cut_working_hours_and_an_extra_session_does_not_mind(in_north: Any) -> None:
    doctor = scene.doctor()
    with on_platform():
        hours = [{"weekday": 0, "opens": "12:00", "closes": "13:00"}]
        Location.objects.filter(pk=doctor.location_id).update(hours=hours)
    doctor = Practitioner.objects.with_place().get(pk=doctor.pk)
    ScheduleException(practitioner=doctor, effect="extra", during=(at("18:00"), at("18:20"))).save()
    assert offered(doctor, days=2) == [at(f"12:{n}0") for n in range(6)] + [at("18:00"), at("18:10")]


def test_a_day_is_the_locations_day(in_north: Any) -> None:
    doctor = scene.doctor(weekly=[(0, dt.time(0), dt.time(0))])
    free = offered(doctor, now=NOW - dt.timedelta(days=1))
    assert (free[0], free[-1]) == (dt.datetime(2030, 6, 2, 22, tzinfo=dt.UTC), dt.datetime(2030, 6, 3, 21, 50, tzinfo=dt.UTC))


def test_who_does_not_see_patients_or_offer_the_kind_offers_nothing(in_north: Any) -> None:
    assert offered(scene.doctor(is_active=False)) == offered(scene.doctor(kinds=[])) == []
    assert next_free(practitioner=scene.doctor(kinds=[]), kind=kind_named("consultation"), now=NOW) is None


def test_several_practitioners_cost_as_many_statements_as_one(in_north: Any, django_assert_num_queries: Any) -> None:
    doctors = [scene.doctor(name=f"Dr {n}") for n in range(3)]
    week = slots.Interval(NOW, NOW + dt.timedelta(days=7))
    with django_assert_num_queries(2):
        diary = Diary(doctors, kind_named("consultation"), reach=week, now=NOW)
        assert len(diary.schedules(week, patient_id=None)) == 3


def published(doctor: Practitioner) -> dt.datetime | None:
    return Practitioner.objects.values_list("next_free_at", flat=True).get(pk=doctor.pk)


def test_the_next_free_instant_follows_booking_moving_and_cancelling(in_north: Any) -> None:
    doctor, other = scene.doctor(), scene.doctor(name="Dr Bo Lind")
    row = booked(doctor, make.patient(), at("09:00"))
    publishing.refresh_after(appointment_id=row.id, now=NOW)
    assert (published(doctor), published(other)) == (at("09:10"), None)
    row = reschedule(appointment=row, starts_at=at("09:00"), practitioner=other, by=None, now=NOW)
    publishing.refresh_after(appointment_id=row.id, now=NOW)
    assert (published(doctor), published(other)) == (at("09:00"), at("09:10"))
    steps.cancel(appointment=row, by=None, now=NOW)
    publishing.refresh_after(appointment_id=row.id, now=NOW)
    assert published(other) == at("09:00")
    assert Practitioner.objects.get(pk=doctor.pk).version == doctor.version


def test_what_is_past_or_unknown_is_published_anew(in_north: Any) -> None:
    fresh, passed = scene.doctor(next_free_at=at("16:00")), scene.doctor(name="Dr Bo Lind", next_free_at=at("08:00"))
    publishing.refresh_passed(now=NOW)
    assert (published(fresh), published(passed)) == (at("16:00"), at("09:00"))


def test_a_booking_owes_the_refresh_and_the_job_does_it(in_north: Any) -> None:
    doctor = scene.doctor()
    row = booked(doctor, make.patient(), at("09:00"))
    with on_platform():
        job = Job.objects.get(name="availability.refresh", args={"appointment_id": str(row.id)})
    assert (job.queue, jobs.run(job.id)) == ("doctor-availability", True)
    assert published(doctor) is not None
