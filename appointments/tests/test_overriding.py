"""Does an emergency get a time that others have, only if somebody decides so, and does everybody else keep one?"""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Appointment, Override
from appointments.services import overriding, steps
from appointments.services.judging import NotBookable
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked, codes
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor()


def asked(doctor: Any, chart: Any = None, start: str = "10:00", **more: Any) -> Override:
    known = {"kind": "consultation", "priority": "emergency", "reason": "a burn", "by": None, "now": NOW, **more}
    return overriding.ask(patient=chart or make.patient(), practitioner=doctor, starts_at=at(start), **known)


def test_approved_it_is_booked_and_who_was_there_moves_to_the_nearest_time_and_is_told(doctor: Any) -> None:
    row = booked(doctor, make.patient(), at("10:00"))
    wish = asked(doctor)
    assert Appointment.objects.count() == 1
    done = overriding.approve(override=wish, by=None, now=NOW)
    new = done.appointment
    row.refresh_from_db()
    assert new is not None and (new.starts_at, new.priority, row.state) == (at("10:00"), "emergency", "scheduled")
    assert abs(row.starts_at - at("10:00")) == dt.timedelta(minutes=10)
    with on_platform():
        told = list(
            EventRecord.objects.filter(payload__appointment_id=str(row.pk)).order_by("id").values_list("name", flat=True)
        )
    assert told[-1] == "AppointmentMoved"
    with pytest.raises(overriding.Decided):
        overriding.approve(override=done, by=None, now=NOW)


def test_who_is_as_pressing_or_is_here_already_does_not_make_room(doctor: Any) -> None:
    booked(doctor, make.patient(), at("10:00"), priority="emergency")
    here = booked(doctor, make.patient(), at("11:00"))
    steps.check_in(appointment=here, by=None, now=at("10:55"))
    for start in ("10:00", "11:00"):
        with pytest.raises(overriding.CannotMakeRoom) as refused:
            asked(doctor, start=start)
        assert codes(refused) == ["not_less_pressing"]
        assert refused.value.reasons[0].detail == f"The appointment of Mon 3 June, {start} is as pressing or has begun."


def test_if_somebody_in_the_way_has_nowhere_to_go_nobody_moves(in_north: Any) -> None:
    doctor = scene.doctor(weekly=[(0, dt.time(10), dt.time(10, 10))], horizon_days=1)
    booked(doctor, make.patient(), at("10:00"))
    with pytest.raises(overriding.CannotMakeRoom):
        asked(doctor)


def test_what_no_moving_would_help_is_refused_as_booking_is(doctor: Any) -> None:
    with pytest.raises(NotBookable) as refused:
        asked(doctor, start="18:00")
    assert codes(refused) == ["outside_hours"]
    for priority, reason in (("high", "a burn"), ("emergency", " ")):
        with pytest.raises(overriding.NotPressing):
            asked(doctor, priority=priority, reason=reason)


def test_over_rest_the_desk_asks_and_who_may_decide_decides(api: Any, doctor: Any) -> None:
    desk, chief = api("receptionist"), api("clinic_admin")
    chart = make.patient()
    soon = chief.get(f"/appointments/doctor/{doctor.id}/availability", {"days": 7}).json()["slots"][-1]["starts_at"]
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "patient": str(chart.id), "starts_at": soon}
    known = desk.post("/appointments/overrides", {**wanted, "priority": "urgent", "reason": "a burn"}, format="json").json()
    assert (known["state"], "reason" in known) == ("asked", False)
    assert desk.post(f"/appointments/overrides/{known['id']}/approve").status_code == 403
    done = chief.post(f"/appointments/overrides/{known['id']}/approve").json()
    assert (done["state"], done["appointment"] is not None) == ("approved", True)
    assert chief.post(f"/appointments/overrides/{known['id']}/decline").json()["code"] == "override_decided"
