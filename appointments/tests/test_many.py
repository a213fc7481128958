"""Are several appointments booked and moved as one? All, none, or all that can be; each sees what the ones before it take."""

from collections import defaultdict
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Claim, Resource
from appointments.services.many import Move, NotAllBookable, Wanted, book_many, reschedule_many
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor()


def wish(doctor: Any, chart: Any, *starts: str) -> list[Wanted]:
    return [Wanted("consultation", chart, doctor, at(start)) for start in starts]


def test_all_are_booked_with_their_claims_taken_in_one_statement(doctor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("healthcare.core.events._listeners", defaultdict(list))
    with CaptureQueriesContext(connection) as seen:
        done = book_many(wanted=wish(doctor, make.patient(), "10:00", "1 10:00", "2 10:00"), by=None, now=NOW).done
    taken = [q for q in seen if "INSERT INTO appointments_claim" in q["sql"]]
    assert (len(done), len(taken), Claim.objects.count()) == (3, 1, 6)


def test_if_one_cannot_be_none_is_and_every_reason_is_named(doctor: Any) -> None:
    chart = make.patient()
    booked(doctor, make.patient(), at("1 10:00"))
    with pytest.raises(NotAllBookable) as refused:
        book_many(wanted=wish(doctor, chart, "10:00", "1 10:00", "2 18:00"), by=None, now=NOW)
    codes = {number: [one.code for one in reasons] for number, reasons in refused.value.refused.items()}
    assert codes == {1: ["slot_taken"], 2: ["outside_hours"]}
    assert (Appointment.objects.filter(patient=chart).count(), Claim.objects.count()) == (0, 2)
    said = [one.on_wire() for one in refused.value.reasons]
    assert [one["detail"] for one in said] == [
        "Tue 4 June, 10:00: The practitioner is not free from 10:00 to 10:10.",
        "Wed 5 June, 18:00: The practitioner does not work for the whole of 18:00 to 18:10.",
    ]
    assert [one["starts_at"] for one in said] == ["2030-06-04T10:00:00+02:00", "2030-06-05T18:00:00+02:00"]


def test_with_skip_those_that_can_be_are_booked(doctor: Any) -> None:
    booked(doctor, make.patient(), at("1 10:00"))
    came = book_many(wanted=wish(doctor, make.patient(), "10:00", "1 10:00", "2 10:00"), by=None, now=NOW, skip=True)
    assert (sorted(came.done), [one.code for one in came.refused[1]]) == ([0, 2], ["slot_taken"])


def test_one_sees_what_the_one_before_it_takes(doctor: Any) -> None:
    with pytest.raises(NotAllBookable) as refused:
        book_many(wanted=wish(doctor, make.patient(), "10:00", "10:00"), by=None, now=NOW)
    assert [one.code for one in refused.value.refused[1]] == ["slot_taken", "patient_busy"]


def test_two_swap_their_times_in_one_move(doctor: Any) -> None:
    first, second = booked(doctor, make.patient(), at("10:00")), booked(doctor, make.patient(), at("11:00"))
    reschedule_many(moves=[Move(first, second.starts_at), Move(second, first.starts_at)], by=None, now=NOW)
    now_at = dict(Appointment.objects.values_list("pk", "starts_at"))
    assert (now_at, Claim.objects.count()) == ({first.pk: at("11:00"), second.pk: at("10:00")}, 4)


def test_if_one_cannot_move_none_does(doctor: Any) -> None:
    first, second = booked(doctor, make.patient(), at("10:00")), booked(doctor, make.patient(), at("11:00"))
    with pytest.raises(NotAllBookable):
        reschedule_many(moves=[Move(first, at("12:00")), Move(second, at("20:00"))], by=None, now=NOW)
    assert list(Appointment.objects.order_by("pk").values_list("starts_at", flat=True)) == [at("10:00"), at("11:00")]


def test_rooms_are_shared_out_and_when_they_are_used_up_that_is_the_reason(doctor: Any, settings: Any) -> None:
    settings.APPOINTMENT_PLUGINS = ["appointments.tests.kinds.ROOMY"]
    other = scene.doctor(kinds=["roomy"], name="Dr Two")
    doctor.kinds = ["roomy"]
    room = Resource(type="room", name="One", location_id=doctor.location_id, kinds=["roomy"])
    room.save()
    one = [Wanted("roomy", make.patient(), who, at("10:00")) for who in (doctor, other)]
    with pytest.raises(NotAllBookable) as refused:
        book_many(wanted=one, by=None, now=NOW)
    assert {n: [r.code for r in why] for n, why in refused.value.refused.items()} == {1: ["room_busy"]}
    Resource(type="room", name="Two", location_id=doctor.location_id, kinds=["roomy"]).save()
    assert len(book_many(wanted=one, by=None, now=NOW).done) == 2
    assert Claim.objects.filter(resource="room").values("resource_id").distinct().count() == 2
