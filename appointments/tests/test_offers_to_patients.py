"""Is a patient offered only what they could have, given who they are and what they had before?"""

import datetime as dt
from typing import Any

import pytest

from appointments.services.judging import NotBookable
from appointments.services.leaves import preview
from appointments.slots import Interval
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked, codes
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
KINDS = ["consultation", "follow_up", "vaccination", "mental_health"]


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor(kinds=KINDS, profession="doctor")


def times(client: Any, doctor: Any, kind: str, **more: Any) -> list[dt.datetime]:
    one = client.get(f"/appointments/doctor/{doctor.pk}/availability", {"kind": kind, "days": 14, **more})
    several = client.get("/appointments/availability", {"kind": kind, "days": 7, **more})
    assert (one.status_code, several.status_code) == (200, 200)
    found = [dt.datetime.fromisoformat(slot["starts_at"]) for slot in one.json()["slots"]]
    some = [slot["starts_at"] for card in several.json()["results"] for slot in card["slots"]]
    assert bool(some) == bool(found)
    return found


def test_a_kind_that_follows_an_earlier_visit_is_offered_after_one_only_and_can_be_booked_then(api: Any, doctor: Any) -> None:
    asha = api("patient")
    assert times(asha, doctor, "follow_up") == []
    visit = times(asha, doctor, "consultation")[3]
    wanted = {"kind": "consultation", "doctor": str(doctor.pk), "starts_at": visit.isoformat()}
    assert asha.post("/appointments", wanted, format="json").status_code == 201
    later = times(asha, doctor, "follow_up")
    assert later and min(later) > visit
    wanted = {**wanted, "kind": "follow_up", "starts_at": later[0].isoformat()}
    assert asha.post("/appointments", wanted, format="json").status_code == 201


def test_what_is_not_for_their_age_is_offered_neither_to_them_nor_for_them(
    api: Any, member: Any, north: Any, doctor: Any
) -> None:
    person = member("patient")
    child, desk = api(member=person), api("receptionist")
    with in_clinic(north):
        own, grown = Patient.objects.get(user=person.user_id), make.patient(date_of_birth=dt.date(1990, 1, 1))
        own.date_of_birth = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2000)
        own.save()
    for_all = times(desk, doctor, "mental_health")
    assert (times(child, doctor, "mental_health"), times(desk, doctor, "mental_health", patient=str(own.pk))) == ([], [])
    assert times(desk, doctor, "mental_health", patient=str(grown.pk)) == for_all != []
    assert times(child, doctor, "consultation", patient=str(grown.pk)) == []


def test_alternatives_keep_the_rest_between_two_of_a_kind(doctor: Any) -> None:
    chart = make.patient()
    booked(doctor, chart, at("10:00"), kind="vaccination")
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("1 10:00"), kind="vaccination")
    others = [dt.datetime.fromisoformat(one["starts_at"]) for one in refused.value.alternatives]
    assert (codes(refused), len(others)) == (["too_soon_after_last"], 5)
    assert min(others) >= at("21 10:00")
    assert booked(doctor, chart, others[0], kind="vaccination").starts_at == others[0]


def test_a_leave_moves_nobody_to_where_their_kind_can_not_be(doctor: Any) -> None:
    chart = make.patient()
    booked(doctor, chart, at("10:00"), kind="vaccination")
    booked(doctor, chart, at("21 10:00"), kind="vaccination")
    week = Interval(at("21 08:00"), at("21 18:00"))
    (hit,) = preview(practitioner=doctor, during=week, now=NOW)
    assert hit.place is not None and hit.place.slot.starts_at > at("21 18:00")
