"""What does REST answer about those who can be booked and their free times, also to people who have not joined yet?"""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Practitioner
from appointments.tests.scene import book_over_rest, first_free
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(north: Any) -> Practitioner:
    with in_clinic(north):
        return make.practitioner(title="Dr", name="Ada Marsh")


@pytest.fixture
def asha(api: Any) -> Any:
    return api("patient")


def test_a_patient_is_not_offered_what_collides_with_their_own(asha: Any, api: Any, north: Any, doctor: Practitioner) -> None:
    starts_at = book_over_rest(asha, doctor).json()["starts_at"]
    with in_clinic(north):
        other = make.practitioner(name="Bo Lind")
    assert (first_free(asha, other) == starts_at, first_free(api("patient"), other) == starts_at) == (False, True)


def test_availability_costs_three_statements_beyond_signing_in(asha: Any, doctor: Practitioner) -> None:
    book_over_rest(asha, doctor)
    with CaptureQueriesContext(connection) as seen:
        first_free(asha, doctor)
    ours = [q["sql"] for q in seen if "appointments_" in q["sql"]]
    assert len(ours) == 3, ours


def test_availability_is_bounded_and_in_the_locations_zone(asha: Any, doctor: Practitioner) -> None:
    url = f"/appointments/doctor/{doctor.id}/availability"
    answer = asha.get(url, {"days": 1}).json()
    assert (answer["doctor"], answer["kind"], answer["zone"]) == (str(doctor.id), "consultation", "Europe/Berlin")
    bad = [{"days": 0}, {"days": 32}, {"days": "x"}, {"date": "soon"}, {"location": "here"}]
    assert [asha.get(url, query).status_code for query in bad] == [400] * 5
    empty = [
        {"date": "0001-01-01"},
        {"date": "9999-12-31", "days": 31},
        {"location": str(uuid.uuid4())},
        {"date": "2020-01-01"},
    ]
    assert [asha.get(url, query).json()["slots"] for query in empty] == [[]] * len(empty)
    assert asha.get(url, {"kind": "alchemy"}).json()["code"] == "unknown_kind"
    assert asha.get(f"/appointments/doctor/{uuid.uuid4()}/availability").status_code == 404


def test_people_who_have_not_joined_read_cards_and_free_times_but_book_nothing(
    api: Any, member: Any, south: Any, doctor: Practitioner
) -> None:
    joiner = api(member_=member("patient", clinic=south))
    (card,) = joiner.get("/users/doctors").json()["results"]
    assert (card["id"], card["title"], card["name"], card["kinds"]) == (str(doctor.id), "Dr", "Ada Marsh", ["consultation"])
    assert card["location"]["zone"] == "Europe/Berlin"
    starts_at = first_free(joiner, doctor)
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": starts_at}
    assert joiner.post("/appointments", wanted, format="json").json()["code"] == "clinic_not_found"


def test_doctors_are_filtered_and_listed_under_their_clinic_too(asha: Any, north: Any, doctor: Practitioner) -> None:
    with in_clinic(north):
        make.practitioner(name="Away", is_active=False)
        make.practitioner(name="Bo Lind", kinds=[], speciality="Cardiology")

    def names(path: str = "/users/doctors", **query: Any) -> list[str]:
        return [one["name"] for one in asha.get(path, query).json()["results"]]

    assert (names(), names(kind="consultation"), names(speciality="cardiology")) == (
        ["Ada Marsh", "Bo Lind"], ["Ada Marsh"], ["Bo Lind"],
    )  # fmt: skip
    assert names(f"/clinics/{north.id}/doctors") == names()


def test_kinds_say_length_and_preparation(asha: Any) -> None:
    told = {kind["code"]: kind for kind in asha.get("/appointments/kinds").json()["results"]}
    kind = told["consultation"]
    assert (kind["code"], kind["minutes"], kind["price"], kind["currency"]) == ("consultation", 30, None, "USD")
