"""Does the work that a kind owes get done, once, by the job of its department, and undone with its appointment?"""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Appointment, FollowUp, Instruction, Resource, ServiceOrder, Station
from appointments.services import follow_ups, orders, stations, steps
from appointments.services.rescheduling import reschedule
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def visit(kind: str, start: str = "3 9:00", **card: Any) -> Appointment:
    doctor = scene.doctor(kinds=[kind, "consultation", "abhyanga"], **card)
    for type_ in ("room", "device"):
        Resource(type=type_, name=f"{type_} {doctor.pk}", location_id=doctor.location_id, kinds=[kind]).save()
    return booked(
        doctor,
        make.patient(first_name=f"Mira {kind}", last_name=start, date_of_birth=dt.date(1985, 1, 1)),
        at(start),
        kind=kind,
    )


def work(name: str) -> int:
    """Do what is owed under the name, twice over; answers how many jobs there were."""
    with on_platform():
        owed = list(Job.objects.filter(name=name, state="ready").values_list("pk", flat=True))
    done = [jobs.run(one) for one in owed]
    assert all(done)
    return len(owed)


@pytest.mark.parametrize(
    ("kind", "job", "queue", "profession"),
    [
        ("viddhakarma", "viddhakarma.care", "vidhakarma", "therapist"),
        ("abhyanga", "therapy.care", "ayurveda-therapy", "therapist"),
        ("physiotherapy", "kind.care", "enhanced-appointment", "therapist"),
        ("vaccination", "kind.care", "enhanced-appointment", "nurse"),
    ],
)
def test_preparation_and_after_care_are_written_by_the_department(
    in_north: Any, kind: str, job: str, queue: str, profession: str
) -> None:
    row = visit(kind, profession=profession)
    with on_platform():
        assert list(Job.objects.filter(name=job).values_list("queue", flat=True)) == [queue]
    assert work(job) == 1
    before = Instruction.objects.filter(appointment=row, phase="before").count()
    steps.check_in(appointment=row, by=None, now=row.starts_at)
    steps.complete(appointment=row, by=None, now=row.ends_at)
    assert work(job) == 1
    after = list(Instruction.objects.filter(appointment=row, phase="after"))
    assert before + len(after) == len(Instruction.objects.filter(appointment=row)) > 0
    assert all(one.due_at >= row.ends_at for one in after) and after


def test_instructions_move_with_the_time_and_go_with_the_appointment(in_north: Any) -> None:
    row = visit("abhyanga", profession="therapist")
    work("therapy.care")
    (one,) = Instruction.objects.all()
    assert one.due_at == row.starts_at - dt.timedelta(hours=2)
    row = reschedule(appointment=row, starts_at=at("4 9:00"), by=None, now=NOW)
    work("therapy.care")
    one.refresh_from_db()
    assert one.due_at == at("4 07:00")
    steps.cancel(appointment=row, by=None, now=NOW)
    work("therapy.care")
    assert Instruction.objects.count() == 0


def test_a_check_up_goes_from_station_to_station_in_order(in_north: Any) -> None:
    row = visit("checkup")
    assert work("checkup.stations") == 1
    row = Appointment.objects.get(pk=row.pk)
    all_ = list(row.stations.all())
    assert [one.code for one in all_] == ["registration", "vitals", "blood", "ecg", "ultrasound", "doctor"]

    def go(station: Station, verb: str) -> Station:
        return stations.pass_on(appointment=row, station_id=station.pk, verb=verb, by=None, now=row.starts_at)

    with pytest.raises(stations.WrongStation):
        go(all_[0], "start")  # nobody is here yet
    steps.check_in(appointment=row, by=None, now=row.starts_at)
    steps.start(appointment=row, by=None, now=row.starts_at)
    assert go(all_[0], "start").state == "running"
    for station, verb in ((all_[1], "start"), (all_[0], "start"), (all_[1], "finish")):
        with pytest.raises(stations.WrongStation):
            go(station, verb)
    assert [go(all_[0], "finish").state, go(all_[1], "skip").state] == ["done", "skipped"]


def test_stations_that_nobody_began_go_with_the_appointment(in_north: Any) -> None:
    row = visit("checkup")
    work("checkup.stations")
    steps.cancel(appointment=row, by=None, now=NOW)
    work("checkup.stations")
    assert Station.objects.count() == 0


def test_an_order_is_collected_then_reported_and_cancelled_with_its_appointment(in_north: Any) -> None:
    row = visit("lab_test", profession="lab_technician")
    assert work("service.order") == 1
    order = ServiceOrder.objects.get(appointment=row)
    assert (order.state, order.specimen, order.accession[:6]) == ("ordered", "blood", f"{row.starts_at:%y%m%d}")
    with pytest.raises(orders.WrongOrderState):
        orders.report(appointment=row, result="5.1", by=None, now=NOW)
    with pytest.raises(orders.WrongOrderState):
        orders.collect(appointment=row, by=None, now=NOW)  # the patient is not here
    steps.check_in(appointment=row, by=None, now=row.starts_at)
    orders.collect(appointment=row, by=None, now=row.starts_at)
    assert orders.report(appointment=row, result="5.1", by=None, now=row.ends_at).result == "5.1"
    other = visit("lab_test", "4 9:00", profession="lab_technician", name="Dr Two")
    work("service.order")
    steps.cancel(appointment=other, by=None, now=NOW)
    work("service.order")
    assert ServiceOrder.objects.get(appointment=other).state == "cancelled"


def test_a_follow_up_is_set_falls_due_and_is_closed_by_a_booking(in_north: Any) -> None:
    row = visit("checkup")
    steps.check_in(appointment=row, by=None, now=row.starts_at)
    steps.complete(appointment=row, by=None, now=row.ends_at)
    assert work("follow_up.set") == 1
    due = FollowUp.objects.get()
    assert (due.kind, due.state, due.due_on) == ("follow_up", "open", (row.starts_at + 14 * DAY).date())
    assert [follow_ups.fall_due(now=row.starts_at + n * DAY) for n in (13, 14, 14)] == [0, 1, 0]
    doctor = scene.doctor(kinds=["follow_up"], name="Dr Two")
    again = booked(doctor, row.patient, at("17 10:00"), kind="follow_up")
    work("follow_up.close")
    due.refresh_from_db()
    assert (due.state, due.booked_id) == ("booked", again.pk)
    with pytest.raises(follow_ups.Closed):
        follow_ups.dismiss(follow_up=due, by=None, now=NOW)


def test_over_rest_a_patient_sees_what_to_do_and_ticks_it_off(api: Any, member: Any, north: Any) -> None:
    who = member("patient")
    asha, stranger, lab = api(member=who), api("patient"), api("lab_technician")
    with in_clinic(north):
        from patients.models import Patient

        chart = Patient.objects.get(user=who.user_id)
        chart.date_of_birth = dt.date(1985, 1, 1)
        chart.save()
        doctor = scene.doctor(kinds=["abhyanga", "lab_test"], profession="doctor")
        Resource(type="room", name="One", location_id=doctor.location_id, kinds=["abhyanga", "lab_test"]).save()
        row, test = (
            booked(doctor, chart, at(f"3 {clock}:00"), kind=kind) for clock, kind in ((10, "abhyanga"), (13, "lab_test"))
        )
        work("therapy.care")
        work("service.order")
    (one,) = asha.get(f"/appointments/{row.pk}/instructions").json()["results"]
    assert one["text"] == "Eat nothing from now on."
    done = asha.post(f"/appointments/{row.pk}/instructions/{one['id']}/done")
    assert (done.status_code, done.json()["done_at"] is not None) == (200, True)
    assert stranger.get(f"/appointments/{row.pk}/instructions").status_code == 404
    assert asha.get(f"/appointments/{row.pk}/stations").json()["results"] == []
    order = asha.get(f"/appointments/{test.pk}/order").json()
    assert (order["state"], order["result"]) == ("ordered", None)
    assert asha.post(f"/appointments/{test.pk}/order/collect").status_code == 403
    assert lab.post(f"/appointments/{test.pk}/order/collect").json()["code"] == "wrong_order_state"
    assert asha.get(f"/appointments/{row.pk}/order").status_code == 404
