"""Is a held time held for so long, and not longer? Confirmed it is a booking; run out it makes room by itself."""

import datetime as dt
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from appointments.models import Appointment, Claim
from appointments.services import holds, steps
from appointments.services.judging import SlotTaken
from appointments.services.locked import HoldExpired
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import State
from healthcare.core import jobs
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
REAL = dt.timedelta(days=365 * 12)  # the scene plays in 2030: so its holds outlast any real clock


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor()


def held(doctor: Any, chart: Any, start: str = "10:00", **more: Any) -> Appointment:
    known = {"kind": "consultation", "by": None, "now": NOW, **more}
    return holds.hold(patient=chart, practitioner=doctor, starts_at=at(start), **known)


def run_out() -> None:
    """As if the time had come: for the database's clock, too."""
    past = timezone.now() - dt.timedelta(seconds=1)
    Claim.objects.filter(expires_at__isnull=False).update(expires_at=past)
    Appointment.objects.filter(expires_at__isnull=False).update(expires_at=past)


def test_a_held_time_is_nobody_elses_and_becomes_a_booking_when_confirmed(doctor: Any) -> None:
    row = held(doctor, make.patient())
    assert (row.state, row.expires_at) == (State.PENDING, NOW + holds.USUAL)
    with pytest.raises(SlotTaken):
        booked(doctor, make.patient(), at("10:00"))
    done = steps.confirm(appointment=row, by=None, now=NOW)
    assert (done.state, done.expires_at, Claim.objects.filter(expires_at=None).count()) == (State.CONFIRMED, None, 2)
    with on_platform():
        names = list(
            EventRecord.objects.filter(payload__appointment_id=str(row.id)).order_by("id").values_list("name", flat=True)
        )
    assert names == ["AppointmentHeld", "AppointmentBooked"]


def test_a_hold_that_ran_out_makes_room_without_any_job(doctor: Any) -> None:
    row = held(doctor, make.patient())
    run_out()
    later = booked(doctor, make.patient(), at("10:00"))
    assert set(Claim.objects.values_list("appointment", flat=True)) == {row.id, later.id}  # its patient's claim is nobody's way
    assert Claim.objects.get(resource="practitioner").appointment_id == later.id


def test_a_hold_that_ran_out_cannot_be_confirmed_whether_or_not_somebody_took_the_time(doctor: Any) -> None:
    row = held(doctor, make.patient())
    run_out()
    with pytest.raises(HoldExpired):
        steps.confirm(appointment=row, by=None, now=NOW)
    row.refresh_from_db()
    assert row.state == State.PENDING


def test_the_job_expires_what_nobody_confirmed_and_leaves_the_rest_alone(doctor: Any) -> None:
    left, taken = held(doctor, make.patient()), held(doctor, make.patient(), "11:00")
    steps.confirm(appointment=taken, by=None, now=NOW)
    run_out()
    with on_platform():
        owed = list(Job.objects.filter(name="appointment.expire").values_list("pk", flat=True))
        Job.objects.update(due_at=F("created_at"))
    assert [jobs.run(one) for one in owed] == [True, True]
    states = dict(Appointment.objects.values_list("pk", "state"))
    assert (states, Claim.objects.filter(appointment=left).count()) == ({left.pk: State.EXPIRED, taken.pk: State.CONFIRMED}, 0)


def test_a_hold_of_which_a_rival_took_a_part_in_its_last_moment_is_not_kept_in_part(doctor: Any) -> None:
    row = held(doctor, make.patient())
    past = timezone.now() - dt.timedelta(seconds=1)
    Claim.objects.filter(appointment=row, resource="practitioner").update(expires_at=past)
    with pytest.raises(HoldExpired):
        steps.confirm(appointment=row, by=None, now=NOW)
    assert Claim.objects.filter(expires_at=None).count() == 0


def test_who_comes_while_a_time_is_held_for_them_has_it_with_all_that_follows(doctor: Any) -> None:
    row = steps.check_in(appointment=held(doctor, make.patient()), by=None, now=at("09:30"))
    assert (row.state, row.expires_at) == (State.WAITING, None)
    assert list(row.transitions.order_by("id").values_list("verb", flat=True)) == ["reserve", "confirm", "check_in", "wait"]
    with on_platform():
        told = EventRecord.objects.filter(payload__appointment_id=str(row.id)).order_by("id").values_list("name", flat=True)
        assert list(told) == ["AppointmentHeld", "AppointmentBooked", "PatientArrived", "AppointmentStepped"]


def test_somebody_who_holds_for_themself_has_three_at_most(doctor: Any, member: Any) -> None:
    who = member("patient").user_id
    chart = make.patient()
    for start in ("10:00", "11:00", "12:00"):
        held(doctor, chart, start, by=who, limited=True)
    with pytest.raises(holds.TooManyHolds):
        held(doctor, chart, "13:00", by=who, limited=True)


def test_over_rest_a_patient_holds_confirms_and_gives_back(api: Any, doctor: Any) -> None:
    asha = api("patient")
    free = asha.get(f"/appointments/doctor/{doctor.id}/availability", {"days": 4}).json()["slots"]
    wanted = [{"kind": "consultation", "doctor": str(doctor.id), "starts_at": free[n]["starts_at"]} for n in (-1, -9)]
    first, second = (asha.post("/appointments/holds", one, format="json").json() for one in wanted)
    assert (first["state"], first["expires_at"] is not None) == ("pending", True)
    listed = [one["id"] for one in asha.get("/appointments/holds").json()["results"]]
    assert sorted(listed) == sorted([first["id"], second["id"]])
    confirmed = asha.post(f"/appointments/{first['id']}/confirm").json()
    assert (confirmed["state"], confirmed["expires_at"]) == ("confirmed", None)
    assert asha.delete(f"/appointments/{second['id']}").status_code == 204
    assert asha.get("/appointments/holds").json()["results"] == []
    too_long = asha.post("/appointments/holds", {**wanted[1], "minutes": 61}, format="json")
    assert (too_long.status_code, api("patient").get("/appointments/holds").json()["results"]) == (400, [])
