"""Does an appointment go to somebody else whole? Reassigned it stays itself; transferred it ends here and goes on there."""

from typing import Any

import pytest

from appointments.models import Appointment, Claim, Transition
from appointments.services import steps
from appointments.services.handing_over import NobodyFree, reassign, transfer
from appointments.services.judging import SlotTaken
from appointments.services.rescheduling import SameTime
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import State, WrongState
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctors(in_north: Any) -> Any:
    return scene.doctor(name="Dr One"), scene.doctor(name="Dr Two")


def test_reassigned_it_keeps_its_id_time_and_history(doctors: Any) -> None:
    one, two = doctors
    row = steps.confirm(appointment=booked(one, make.patient(), at("10:00")), by=None, now=NOW)
    done = reassign(appointment=row, practitioner=two, by=None, now=NOW)
    assert (done.pk, done.practitioner_id, done.starts_at, done.state) == (row.pk, two.pk, at("10:00"), State.SCHEDULED)
    last = Transition.objects.order_by("id").last()
    assert last is not None and (last.verb, last.details["practitioner"]) == ("reassign", str(one.pk))
    assert set(Claim.objects.filter(resource="practitioner").values_list("resource_id", flat=True)) == {two.pk}


def test_to_who_has_no_time_or_has_it_already_it_is_refused_and_nothing_changes(doctors: Any) -> None:
    one, two = doctors
    booked(two, make.patient(), at("10:00"))
    row = booked(one, make.patient(), at("10:00"))
    with pytest.raises(SlotTaken):
        reassign(appointment=row, practitioner=two, by=None, now=NOW)
    with pytest.raises(SameTime):
        reassign(appointment=row, practitioner=one, by=None, now=NOW)
    assert Claim.objects.filter(appointment=row).count() == 2


def test_transferred_it_ends_and_a_successor_goes_on(doctors: Any) -> None:
    one, two = doctors
    chart = make.patient()
    row = booked(one, chart, at("10:00"), reason="a cough", priority="high")
    steps.check_in(appointment=row, by=None, now=at("09:50"))
    successor = transfer(appointment=row, practitioner=two, by=None, now=at("09:55"), starts_at=at("10:00"))
    row = Appointment.objects.get(pk=row.pk)
    assert (row.state, row.transferred_to_id) == (State.TRANSFERRED, successor.pk)
    assert (successor.reason, successor.priority, successor.starts_at) == ("a cough", "high", at("10:00"))
    assert set(Claim.objects.values_list("appointment", flat=True)) == {successor.pk}
    with on_platform():
        told = EventRecord.objects.filter(payload__appointment_id=str(row.pk)).order_by("id").values_list("name", flat=True)
        assert list(told)[-2:] == ["AppointmentStepped", "AppointmentTransferred"]
    with pytest.raises(WrongState):
        transfer(appointment=row, practitioner=two, by=None, now=at("09:55"))


def test_without_a_time_it_goes_to_the_next_free_one_if_there_is_any(doctors: Any) -> None:
    one, two = doctors
    row = booked(one, make.patient(), at("10:00"))
    with pytest.raises(NobodyFree):
        transfer(appointment=row, practitioner=scene.doctor(kinds=[]), by=None, now=NOW)
    assert transfer(appointment=row, practitioner=two, by=None, now=NOW).starts_at == at("09:00")


def test_the_next_free_time_is_one_at_which_the_patient_is_free_too(doctors: Any) -> None:
    one, two = doctors
    row, chart = booked(one, chart := make.patient(), at("16:00")), chart
    booked(scene.doctor(name="Dr Three"), chart, at("09:00"))
    assert transfer(appointment=row, practitioner=two, by=None, now=NOW).starts_at == at("09:10")


def test_over_rest_the_desk_does_both_and_a_patient_neither(api: Any, doctors: Any) -> None:
    one, two = doctors
    desk, asha = api("receptionist"), api("patient")
    free = asha.get(f"/appointments/doctor/{one.id}/availability", {"days": 7}).json()["slots"][-1]["starts_at"]
    wanted = {"kind": "consultation", "doctor": str(one.id), "starts_at": free}
    known = asha.post("/appointments", wanted, format="json").json()["id"]
    to = {"doctor": str(two.id)}
    assert [asha.post(f"/appointments/{known}/{verb}", to, format="json").status_code for verb in ("reassign", "transfer")] == [
        403,
        403,
    ]
    moved = desk.post(f"/appointments/{known}/reassign", to, format="json")
    assert (moved.status_code, moved.json()["doctor"]["id"], moved.json()["id"]) == (200, str(two.id), known)
    after = desk.post(f"/appointments/{known}/transfer", {"doctor": str(one.id)}, format="json").json()
    assert desk.get(f"/appointments/{known}").json()["transferred_to"] == after["id"]
