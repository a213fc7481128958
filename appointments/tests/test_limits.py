"""Are limits a day, deliberate overbooking and work in other clinics kept, by the engine and by the database?"""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.busy.models import Busy
from appointments.models import Appointment, Claim, Practitioner, Resource, ScheduleException
from appointments.plugins.registry import kind_named
from appointments.services import claims, steps
from appointments.services.availability import free_times
from appointments.services.judging import NotBookable
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked, codes
from healthcare.core.errors import violated
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


def offered(doctor: Practitioner, days: int = 1, kind: str = "consultation", **more: Any) -> list[dt.datetime]:
    found = free_times(practitioner=doctor, kind=kind_named(kind), day=NOW.date(), days=days, now=NOW, **more)
    return [slot.starts_at for slot in found]


def test_a_full_day_is_not_offered_and_the_reason_says_so(in_north: Any) -> None:
    doctor = scene.doctor(daily_limit=2)
    for start in ("10:00", "11:00"):
        booked(doctor, make.patient(), at(start))
    with pytest.raises(NotBookable) as refused:
        booked(doctor, make.patient(), at("15:00"))
    assert (codes(refused), offered(doctor), len(offered(doctor, days=2)) > 0) == (["day_full"], [], True)
    steps.cancel(appointment=Appointment.objects.first(), by=None, now=NOW)  # type: ignore[arg-type]
    assert booked(doctor, make.patient(), at("15:00")).pk


def test_a_patient_has_so_many_of_a_kind_a_day(in_north: Any, settings: Any) -> None:
    settings.APPOINTMENT_PLUGINS = ["appointments.tests.kinds.ONCE_A_DAY"]
    doctor, chart = scene.doctor(kinds=["once_a_day"]), make.patient()
    booked(doctor, chart, at("10:00"), kind="once_a_day")
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("15:00"), kind="once_a_day")
    assert (codes(refused), offered(doctor, kind="once_a_day", patient_id=chart.pk)) == (["patient_limit"], [])
    assert booked(doctor, chart, at("1 15:00"), kind="once_a_day").pk


def test_overbooking_takes_a_lane_above_the_capacity_and_keeps_the_reason(in_north: Any) -> None:
    doctor = scene.doctor()
    plain = booked(doctor, make.patient(), at("10:00"), overbook="not needed: there is room")
    above = booked(doctor, make.patient(), at("10:00"), overbook="a burn, can't wait")
    lanes = Claim.objects.filter(resource="practitioner").order_by("lane").values_list("lane", "appointment")
    assert list(lanes) == [(0, plain.pk), (1, above.pk)]
    assert (Appointment.objects.get(pk=above.pk).overbook_reason, plain.overbook_reason) == ("a burn, can't wait", None)
    assert at("10:00") not in offered(doctor)


def test_overbooking_does_not_override_leave_or_the_patients_own_time(in_north: Any) -> None:
    doctor, chart = scene.doctor(), make.patient()
    ScheduleException(practitioner=doctor, effect="leave", during=(at("11:00"), at("12:00"))).save()
    booked(scene.doctor(name="Dr Two"), chart, at("10:00"))
    for start, code in (("11:00", "on_leave"), ("10:00", "patient_busy")):
        with pytest.raises(NotBookable) as refused:
            booked(doctor, chart, at(start), overbook="because")
        assert codes(refused) == [code]


def test_only_who_has_the_right_overbooks_over_rest(api: Any, north: Any) -> None:
    with in_clinic(north):
        doctor, chart = make.practitioner(), make.patient()
    starts = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0).isoformat()
    wanted = {
        "kind": "consultation",
        "doctor": str(doctor.id),
        "starts_at": starts,
        "patient": str(chart.id),
        "overbook": "ask",
    }
    desk, chief = api("receptionist"), api("clinic_admin")
    assert desk.post("/appointments", wanted, format="json").status_code == 403
    answer = chief.post("/appointments", wanted, format="json")
    assert (answer.status_code, answer.json()["overbooked"]) == (201, False)


def test_a_room_that_is_out_of_use_is_not_offered(in_north: Any, settings: Any) -> None:
    settings.APPOINTMENT_PLUGINS = ["appointments.tests.kinds.ROOMY"]
    doctor = scene.doctor(kinds=["roomy"])
    assert offered(doctor, kind="roomy") == []  # there is no room at all
    room = Resource(type="room", name="One", location_id=doctor.location_id, kinds=["roomy"])
    room.save()
    assert at("10:00") in offered(doctor, kind="roomy")
    ScheduleException(resource=room, effect="holiday", during=(at("09:30"), at("10:30"))).save()
    free = offered(doctor, kind="roomy")
    assert (at("10:00") in free, at("10:30") in free) == (False, True)


def test_a_practitioner_with_work_in_two_clinics_is_in_one_at_a_time(north: Any, south: Any) -> None:
    person = make.person()
    with in_clinic(south):
        other = scene.doctor(user=person)
        theirs = booked(other, make.patient(), at("10:00"))
    with in_clinic(north):
        doctor = scene.doctor(user=person)
        assert (at("10:00") in offered(doctor), at("10:10") in offered(doctor)) == (False, True)
        with pytest.raises(NotBookable) as refused:
            booked(doctor, make.patient(), at("10:00"))
        assert codes(refused) == ["slot_taken"]
        wanted = claims.rows(new_id(), [_claim(doctor, "10:05", "10:15")])
        with pytest.raises(claims.Lost), claims.held_or_lost():
            claims.hold(wanted)
        with pytest.raises(IntegrityError) as upheld, transaction.atomic():
            Claim.objects.bulk_create(wanted)
        assert violated(upheld.value) == "busy_nobody_in_two_clinics"
    with in_clinic(south):
        steps.cancel(appointment=theirs, by=None, now=NOW)
    with in_clinic(north):
        assert booked(doctor, make.patient(), at("10:00")).pk
    with on_platform():
        assert list(Busy.objects.values_list("clinic_id", "person_id")) == [(north.id, person.pk)]


def test_within_one_clinic_lanes_overlap_as_they_may(north: Any) -> None:
    with in_clinic(north):
        doctor = scene.doctor(user=make.person(), capacity=2)
        assert {booked(doctor, make.patient(), at("10:00")).state for _ in range(2)} == {"scheduled"}


def test_whose_account_is_linked_later_is_guarded_from_then_on(north: Any) -> None:
    with in_clinic(north):
        doctor = scene.doctor()
        booked(doctor, make.patient(), at("10:00"))
        with on_platform():
            assert Busy.objects.count() == 0
        Practitioner.objects.filter(pk=doctor.pk).update(user=make.person())
    with on_platform():
        assert Busy.objects.count() == 1


def test_a_clinics_role_can_neither_read_nor_write_busy_times(in_north: Any) -> None:
    for work in (lambda: list(Busy.objects.all()), lambda: Busy.objects.all().delete()):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            work()


def test_a_claim_never_moves(in_north: Any) -> None:
    booked(scene.doctor(), make.patient(), at("10:00"))
    during = DateTimeTZRange(at("12:00"), at("12:10"))
    for change in ({"during": during}, {"lane": 7}, {"resource_id": new_id()}):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Claim.objects.update(**change)
        assert violated(refused.value) == "claim_is_taken_anew"


def _claim(doctor: Practitioner, begins: str, ends: str) -> Any:
    from appointments import slots

    return slots.Claim(claims.key("practitioner", doctor.pk), 0, slots.Interval(at(begins), at(ends)))
