"""Does a leave move whom it hits, tell what it would do first, and can it be undone?"""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Appointment, LeaveHit, ScheduleException
from appointments.plugins.registry import kind_named
from appointments.services import groups, leaves, steps
from appointments.services.availability import free_times
from appointments.services.judging import NotBookable
from appointments.slots import Interval
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import State
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
MORNING = Interval(at("09:00"), at("12:00"))


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor(name="Dr One")


def where(*rows: Appointment) -> list[tuple[Any, dt.datetime]]:
    found = {row.pk: row for row in Appointment.objects.filter(pk__in=[one.pk for one in rows])}
    return [(found[one.pk].practitioner_id, found[one.pk].starts_at) for one in rows]


def test_the_preview_says_what_the_leave_then_does_and_changes_nothing(doctor: Any) -> None:
    other = scene.doctor(name="Dr Two")
    booked(other, make.patient(), at("10:00"))
    first, second = booked(doctor, make.patient(), at("09:00")), booked(doctor, make.patient(), at("10:00"))
    shown = leaves.preview(practitioner=doctor, during=MORNING, now=NOW)
    assert [hit.outcome for hit in shown] == ["reassigned", "moved"]
    assert (ScheduleException.objects.count(), where(first, second)) == (
        0,
        [(doctor.pk, at("09:00")), (doctor.pk, at("10:00"))],
    )
    leave = leaves.take(practitioner=doctor, during=MORNING, by=None, now=NOW)
    told = [(hit.place.slot.practitioner, hit.place.slot.starts_at) for hit in shown if hit.place]
    assert told == [(f"practitioner:{who}", when) for who, when in where(first, second)]
    assert where(first)[0] == (other.pk, at("09:00")) and where(second)[0][1] not in (at("09:00"), at("10:00"))
    assert list(leave.hits.order_by("was_at").values_list("outcome", flat=True)) == ["reassigned", "moved"]


def test_nothing_is_offered_during_the_leave_and_everything_again_once_it_is_undone(doctor: Any) -> None:
    def free() -> set[dt.datetime]:
        found = free_times(practitioner=doctor, kind=kind_named("consultation"), day=NOW.date(), days=1, now=NOW)
        return {slot.starts_at for slot in found}

    before = free()
    leave = leaves.take(practitioner=doctor, during=MORNING, by=None, now=NOW)
    assert {start for start in free() if start < at("12:00")} == set()
    leaves.undo(leave=leave, by=None, now=NOW)
    assert free() == before
    with pytest.raises(leaves.Undone):
        leaves.undo(leave=leave, by=None, now=NOW)


def test_undone_it_returns_whom_it_moved_but_not_who_moved_on_or_lost_their_time(doctor: Any) -> None:
    scene.doctor(name="Dr Two")
    rows = [booked(doctor, make.patient(), at(start)) for start in ("09:30", "10:00", "11:00")]
    leave = leaves.take(practitioner=doctor, during=MORNING, by=None, now=NOW)
    moved_on = Appointment.objects.get(pk=rows[1].pk)
    steps.cancel(appointment=moved_on, by=None, now=NOW)
    undone = leaves.undo(leave=leave, by=None, now=NOW)
    assert where(rows[0], rows[2]) == [(doctor.pk, at("09:30")), (doctor.pk, at("11:00"))]
    outcomes = dict(LeaveHit.objects.values_list("appointment", "outcome"))
    assert (outcomes[rows[0].pk], outcomes[rows[1].pk], undone.state) == ("returned", "reassigned", "undone")


def test_for_whom_nothing_is_found_they_stay_or_are_cancelled_as_asked(doctor: Any) -> None:
    whole = Interval(at("09:00"), at("60 04:00"))
    row = booked(doctor, make.patient(), at("10:00"))
    leave = leaves.take(practitioner=doctor, during=whole, by=None, now=NOW)
    assert (leave.hits.get().outcome, where(row)) == ("left", [(doctor.pk, at("10:00"))])
    leaves.undo(leave=leave, by=None, now=NOW)
    leaves.take(practitioner=doctor, during=whole, by=None, now=NOW, cancel_unplaced=True)
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    with on_platform():
        names = set(EventRecord.objects.filter(payload__appointment_id=str(row.pk)).values_list("name", flat=True))
    assert "AppointmentCancelled" in names


@pytest.mark.parametrize(("begins", "ends"), [("10:00", "10:00"), ("400 10:00", "800 10:00")])
def test_what_is_no_leave_is_refused(doctor: Any, begins: str, ends: str) -> None:
    with pytest.raises(leaves.NoLeave):
        leaves.take(practitioner=doctor, during=Interval(at(begins), at(ends)), by=None, now=NOW)


def test_over_rest_it_is_previewed_taken_seen_and_undone(api: Any, doctor: Any) -> None:
    chief, nurse = api("clinic_admin"), api("nurse")
    soon = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=2)
    asked = {"doctor": str(doctor.id), "starts_at": soon.isoformat(), "ends_at": (soon + dt.timedelta(hours=8)).isoformat()}
    assert nurse.post("/appointments/leaves/preview", asked, format="json").status_code == 403
    assert chief.post("/appointments/leaves/preview", asked, format="json").json() == {"hits": []}
    backwards = chief.post("/appointments/leaves", {**asked, "ends_at": asked["starts_at"]}, format="json")
    taken = chief.post("/appointments/leaves", asked, format="json")
    known = taken.json()["id"]
    assert (backwards.status_code, taken.status_code, taken.json()["state"]) == (409, 201, "taken")
    assert backwards.json()["code"] == "leave_impossible"
    assert [one["id"] for one in chief.get("/appointments/leaves").json()["results"]] == [known]
    undone = chief.post(f"/appointments/leaves/{known}/undo")
    again = chief.post(f"/appointments/leaves/{known}/undo")
    assert (undone.json()["state"], again.status_code, again.json()["code"]) == ("undone", 409, "leave_undone")


def test_a_group_is_left_whole_and_nobody_joins_it_while_its_practitioner_is_away(doctor: Any) -> None:
    scene.doctor(name="Dr Two")
    session = groups.plan(kind="consultation", practitioner=doctor, starts_at=at("10:00"), seats=3, by=None, now=NOW)
    seat = groups.join(group=session, patient=make.patient(), by=None, now=NOW)
    leave = leaves.take(practitioner=doctor, during=MORNING, by=None, now=NOW)
    assert (leave.hits.get().outcome, where(seat)) == ("left", [(doctor.pk, at("10:00"))])
    with pytest.raises(NotBookable) as refused:
        groups.join(group=session, patient=make.patient(), by=None, now=NOW)
    assert scene.codes(refused) == ["on_leave"]
    leaves.undo(leave=leave, by=None, now=NOW)
    assert groups.join(group=session, patient=make.patient(), by=None, now=NOW).group_id == session.pk
