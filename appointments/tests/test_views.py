"""What does REST answer about appointments? To whom, with which fields, in how many statements, and what to strangers."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.services.booking import book
from appointments.tests.scene import book_over_rest, first_free
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(north: Any) -> Practitioner:
    with in_clinic(north):
        return make.practitioner(title="Dr", name="Ada Marsh")


@pytest.fixture
def asha(api: Any) -> Any:
    return api("patient")


def test_a_patient_books_for_themself_what_availability_offers(asha: Any, doctor: Practitioner) -> None:
    answer = book_over_rest(asha, doctor, reason="headache since Monday")
    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert {k: shown[k] for k in ("kind", "state", "priority", "reason", "version", "token")} == {
        "kind": "consultation", "state": "scheduled", "priority": "normal",
        "reason": "headache since Monday", "version": 1, "token": None,
    }  # fmt: skip
    assert (shown["doctor"], shown["patient"]["name"]) == ({"id": str(doctor.id), "name": "Dr Ada Marsh"}, "Noor Quill")
    assert (answer["ETag"], shown["starts_at"][-6:] in ("+01:00", "+02:00")) == ('"1"', True)


def test_what_was_booked_is_not_offered_again_and_refused_with_reasons(asha: Any, api: Any, doctor: Practitioner) -> None:
    starts_at = book_over_rest(asha, doctor).json()["starts_at"]
    ravi = api("patient")
    assert first_free(ravi, doctor) != starts_at
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": starts_at}
    answer = ravi.post("/appointments", wanted, format="json")
    shown = answer.json()
    assert (answer.status_code, shown["code"], [r["code"] for r in shown["reasons"]]) == (409, "slot_taken", ["slot_taken"])
    assert len(shown["alternatives"]) == 5
    again = ravi.post("/appointments", {**wanted, "starts_at": shown["alternatives"][0]["starts_at"]}, format="json")
    assert again.status_code == 201


def test_the_same_idempotency_key_books_once(asha: Any, doctor: Practitioner, north: Any) -> None:
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": first_free(asha, doctor)}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (asha.post("/appointments", wanted, format="json", headers=key) for _ in range(2))
    other = asha.post("/appointments", {**wanted, "reason": "other"}, format="json", headers=key)
    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 409)
    assert first.json()["id"] == second.json()["id"]
    with in_clinic(north):
        assert Appointment.objects.count() == 1


def test_the_desk_books_for_a_patient_and_must_say_for_whom(api: Any, north: Any, doctor: Practitioner) -> None:
    desk = api("receptionist")
    with in_clinic(north):
        chart = make.patient()
    missing = book_over_rest(desk, doctor)
    assert (missing.status_code, missing.json()["code"]) == (409, "patient_required")
    answer = book_over_rest(desk, doctor, patient=str(chart.id), priority="urgent")
    assert (answer.status_code, answer.json()["patient"]["mrn"], answer.json()["priority"]) == (201, chart.mrn, "urgent")


def test_a_patient_books_neither_for_others_nor_with_a_priority(api: Any, north: Any, asha: Any, doctor: Practitioner) -> None:
    with in_clinic(north):
        chart = make.patient()
    others, pressing = book_over_rest(asha, doctor, patient=str(chart.id)), book_over_rest(asha, doctor, priority="emergency")
    assert (others.status_code, pressing.status_code) == (404, 403)


def test_an_unknown_doctor_or_kind_is_said_to_be_unknown(asha: Any, doctor: Practitioner) -> None:
    starts_at = first_free(asha, doctor)
    no_doctor = asha.post("/appointments", {"kind": "consultation", "doctor": str(uuid.uuid4()), "starts_at": starts_at})
    no_kind = asha.post("/appointments", {"kind": "alchemy", "doctor": str(doctor.id), "starts_at": starts_at})
    assert (no_doctor.status_code, no_kind.status_code, no_kind.json()["code"]) == (404, 409, "unknown_kind")


@pytest.mark.parametrize(
    ("starts_at", "status"),
    [
        ("2030-06-03T10:00:00", 400),
        ("soon", 400),
        (17, 400),
        (None, 400),
        ("0001-01-01T00:00:00+14:00", 409),
        ("9999-12-31T23:59:59-12:00", 409),
        ("2030-06-03T10:00:00.1234567z", 409),
    ],
)
def test_instants_are_malformed_or_refused_never_an_error_of_ours(
    asha: Any, doctor: Practitioner, starts_at: Any, status: int
) -> None:
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": starts_at}
    assert asha.post("/appointments", wanted, format="json").status_code == status


def test_another_clinic_cannot_tell_a_foreign_appointment_from_an_unknown_one(
    api: Any, asha: Any, doctor: Practitioner
) -> None:
    known = book_over_rest(asha, doctor).json()["id"]
    stranger = api("receptionist", clinic="south")
    answers = [stranger.get(f"/appointments/{one}") for one in (known, uuid.uuid4())]
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert ([a.status_code for a in answers], bodies[0]["code"], bodies[0] == bodies[1]) == ([404, 404], "not_found", True)


def test_a_patient_sees_only_their_own(api: Any, asha: Any, doctor: Practitioner) -> None:
    known = book_over_rest(asha, doctor).json()["id"]
    ravi = api("patient")
    lists = [client.get("/appointments").json()["results"] for client in (asha, ravi)]
    assert ([one["id"] for one in lists[0]], lists[1], ravi.get(f"/appointments/{known}").status_code) == ([known], [], 404)
    assert ravi.post(f"/appointments/{known}/cancel").status_code == 404


SEES = {
    "receptionist": (True, False),
    "clinic_admin": (True, False),
    "nurse": (True, True),
    "medical_assistant": (True, True),
}


@pytest.mark.parametrize("role", SEES)
def test_each_role_sees_the_fields_it_needs(api: Any, asha: Any, doctor: Practitioner, role: str) -> None:
    known = book_over_rest(asha, doctor, reason="headache").json()["id"]
    client = api(role)
    one, (listed,) = client.get(f"/appointments/{known}").json(), client.get("/appointments").json()["results"]
    assert ("patient" in one, "reason" in one) == SEES[role]
    assert one == listed


@pytest.mark.parametrize("role", SEES)
def test_why_it_was_cancelled_is_read_by_whom_why_they_come_is(api: Any, asha: Any, doctor: Practitioner, role: str) -> None:
    known = book_over_rest(asha, doctor).json()["id"]
    assert asha.get(f"/appointments/{known}").json()["cancel_reason"] == ""
    asha.post(f"/appointments/{known}/cancel", {"reason": "has a cold"}, format="json")
    assert asha.get(f"/appointments/{known}").json()["cancel_reason"] == "has a cold"
    assert api(role).get(f"/appointments/{known}").json().get("cancel_reason") == ("has a cold" if SEES[role][1] else None)


def test_the_treating_doctor_sees_their_own_with_the_reason_and_nobody_elses(
    api: Any, member: Any, asha: Any, north: Any, doctor: Practitioner
) -> None:
    treating, other = member("doctor"), member("doctor")
    with in_clinic(north):
        Practitioner.objects.filter(pk=doctor.pk).update(user=treating.user_id)
    known = book_over_rest(asha, doctor, reason="headache").json()["id"]
    assert api(member_=treating).get(f"/appointments/{known}").json()["reason"] == "headache"
    assert [one["id"] for one in api(member_=treating).get("/appointments/mine").json()["results"]] == [known]
    assert api(member_=other).get(f"/appointments/{known}").status_code == 404


@pytest.mark.parametrize("role", ["auditor", "data_analyst", "billing_specialist", "support"])
def test_roles_without_appointments_are_refused(api: Any, role: str) -> None:
    assert api(role).get("/appointments").status_code == 403


def test_the_way_through_an_appointment_over_rest(api: Any, asha: Any, doctor: Practitioner) -> None:
    desk, known = api("receptionist"), book_over_rest(asha, doctor).json()["id"]
    assert asha.post(f"/appointments/{known}/check-in").status_code == 403
    arrived = desk.post(f"/appointments/{known}/check-in")
    assert (arrived.status_code, arrived.json()["state"], arrived.json()["token"]["number"]) == (200, "waiting", "A-001")
    assert desk.post(f"/appointments/{known}/check-in").status_code == 409
    ways = [
        desk.post(f"/appointments/{known}/{verb}").json()["state"] for verb in ("start", "hold", "resume", "start", "complete")
    ]
    assert ways == ["in_progress", "on_hold", "waiting", "in_progress", "completed"]


def test_a_stale_write_is_refused_a_fresh_one_is_not(asha: Any, doctor: Practitioner) -> None:
    url = f"/appointments/{book_over_rest(asha, doctor).json()['id']}"
    first = asha.patch(url, {"reason": "dizzy"}, format="json", headers={"If-Match": '"1"'})
    stale = asha.patch(url, {"reason": "well"}, format="json", headers={"If-Match": '"1"'})
    assert (first.status_code, first.json()["reason"], first["ETag"], stale.status_code) == (200, "dizzy", '"2"', 412)


def test_put_says_all_that_can_be_changed_in_place(asha: Any, api: Any, doctor: Practitioner) -> None:
    visit = f"/appointments/{book_over_rest(asha, doctor, reason='x').json()['id']}"
    whole = {"reason": "cough", "priority": "normal"}
    fresh = asha.put(visit, whole, format="json", HTTP_IF_MATCH='"1"')
    assert (fresh.status_code, fresh.json()["reason"], fresh.json()["version"]) == (200, "cough", 2)
    assert asha.put(visit, {"reason": "cough"}, format="json").json()["errors"][0]["field"] == "priority"
    assert asha.put(visit, whole, format="json", HTTP_IF_MATCH='"1"').status_code == 412
    pressed = {**whole, "priority": "urgent"}
    assert asha.put(visit, pressed, format="json").status_code == 403
    assert api("receptionist").put(visit, pressed, format="json").json()["priority"] == "urgent"


def test_cancelling_by_delete_or_with_a_reason_frees_the_time(asha: Any, doctor: Practitioner) -> None:
    first, second = (book_over_rest(asha, doctor).json() for _ in range(2))
    assert asha.delete(f"/appointments/{first['id']}").status_code == 204
    answer = asha.post(f"/appointments/{second['id']}/cancel", {"reason": "a cold"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert first_free(asha, doctor) == first["starts_at"]
    assert asha.get(f"/appointments/{first['id']}").json()["state"] == "cancelled"


def test_moving_over_rest_keeps_the_id(asha: Any, doctor: Practitioner) -> None:
    booked, to = book_over_rest(asha, doctor).json(), first_free(asha, doctor, 5)
    answer = asha.post(f"/appointments/{booked['id']}/reschedule", {"starts_at": to}, format="json")
    assert (answer.status_code, answer.json()["id"], answer.json()["starts_at"]) == (200, booked["id"], to)


def many(north: Any, doctor: Practitioner, count: int, after: int = 0) -> None:
    start = (timezone.now() + dt.timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    with in_clinic(north):
        for number in range(after, after + count):
            at = start + dt.timedelta(minutes=10 * number)
            book(kind="consultation", patient=make.patient(), practitioner=doctor, starts_at=at, by=None, now=timezone.now())


@pytest.mark.parametrize("path", ["/appointments", "/appointments/mine", "/users/doctors"])
def test_a_list_costs_the_same_for_one_row_and_for_three(
    api: Any, member: Any, north: Any, doctor: Practitioner, path: str
) -> None:
    who = member("nurse")
    client = api(member_=who)
    with in_clinic(north):
        Practitioner.objects.filter(pk=doctor.pk).update(user=who.user_id)
    many(north, doctor, 1)
    one = cost(client, path)
    many(north, doctor, 2, after=1)
    with in_clinic(north):
        make.practitioner(name="Bo Lind"), make.practitioner(name="Cy Moss")
    assert (one[0], cost(client, path)) == (1, (3, one[1]))
    assert one[1] <= 5


def cost(client: Any, path: str) -> tuple[int, int]:
    """Rows and statements, once the caller is known."""
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        rows = client.get(path).json()["results"]
    return len(rows), len(seen)


def test_filters_narrow_the_list_and_bad_ones_are_malformed(api: Any, north: Any, doctor: Practitioner) -> None:
    many(north, doctor, 2)
    desk = api("receptionist")
    tomorrow = (timezone.now() + dt.timedelta(days=1)).date()

    def count(**query: Any) -> int:
        return len(desk.get("/appointments", query).json()["results"])

    assert (count(state="scheduled"), count(state="cancelled"), count(state="")) == (2, 0, 2)
    assert (count(practitioner=str(doctor.id)), count(practitioner=str(uuid.uuid4()))) == (2, 0)
    span = {"from": str(tomorrow - dt.timedelta(days=1)), "to": str(tomorrow + dt.timedelta(days=1))}
    assert (count(**span), count(**{"from": "9999-12-31"}), count(to="0001-01-01"), count(to="9999-12-31")) == (2, 0, 0, 2)
    bad = [{"state": "lost"}, {"practitioner": "7"}, {"from": "today"}, {"to": "2030-02-30"}]
    assert [desk.get("/appointments", query).status_code for query in bad] == [400] * 4


def test_nobody_signed_in_is_401_and_no_clinic_is_400(api: Any, member: Any) -> None:
    assert api().get("/appointments").status_code == 401
    nowhere = api(member_=member("patient"), clinic=None)
    assert nowhere.get("/appointments").json()["code"] == "clinic_required"


def test_a_patient_without_a_chart_here_cannot_book(api: Any, asha: Any, north: Any, doctor: Practitioner) -> None:
    with in_clinic(north):
        Patient.objects.update(user=None)
    assert book_over_rest(asha, doctor).status_code == 404
