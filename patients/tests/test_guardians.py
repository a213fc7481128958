"""Who may act for a patient, what may they do, and when does it end?"""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.membership import Member
from healthcare.core.ids import new_id
from healthcare.tests import make
from patients.models import Patient
from patients.services import consenting, guarding

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
CHILD, ADULT = TODAY - dt.timedelta(days=5 * 365), TODAY - dt.timedelta(days=40 * 365)


@pytest.fixture
def parent(api, in_north):
    who = api("patient")
    return who, Patient.objects.get(user=who.member.user_id)


def appoint(desk, patient, guardian, basis="parent", **more):
    return desk.post(f"/patients/{patient.id}/guardians", {"guardian": str(guardian.id), "basis": basis, **more})


def test_a_parent_sees_the_childs_chart_and_books_for_the_child(api, parent):
    who, own = parent
    child, doctor = make.patient(date_of_birth=CHILD), make.practitioner()
    assert who.get(f"/patients/{child.id}").status_code == 404
    assert appoint(api("receptionist"), child, own).status_code == 201
    assert {p["id"] for p in who.get("/patients").json()["results"]} == {str(own.id), str(child.id)}
    assert who.get(f"/patients/{child.id}/allergies").status_code == 200
    free = who.get(f"/appointments/doctor/{doctor.id}/availability?days=2&kind=consultation").json()["slots"]
    body = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": free[5]["starts_at"], "patient": str(child.id)}
    booked = who.post("/appointments", body)
    assert booked.status_code == 201, booked.json()
    assert [a["id"] for a in who.get("/appointments").json()["results"]] == [booked.json()["id"]]


def test_a_parent_acts_until_the_child_is_of_age(api, parent):
    _, own = parent
    child = make.patient(date_of_birth=dt.date(TODAY.year - 10, 2, 28))
    made = appoint(api("receptionist"), child, own, ends_on=f"{TODAY.year + 30}-01-01")
    assert made.json()["ends_on"] == f"{TODAY.year + 8}-02-28"


def test_an_adult_has_no_parent_as_guardian(api, parent):
    assert appoint(api("receptionist"), make.patient(date_of_birth=ADULT), parent[1]).json()["code"] == "of_age"


def test_it_ends_on_its_day(api, parent):
    who, own = parent
    patient = make.patient()
    appoint(api("receptionist"), patient, own, basis="court", ends_on=str(TODAY))
    assert who.get(f"/patients/{patient.id}").status_code == 404


def test_it_ends_by_hand_at_once(api, parent):
    who, own = parent
    desk, patient = api("receptionist"), make.patient()
    row = appoint(desk, patient, own, basis="court").json()["id"]
    assert who.get(f"/patients/{patient.id}").status_code == 200
    assert desk.delete(f"/patients/{patient.id}/guardians/{row}").status_code == 204
    assert who.get(f"/patients/{patient.id}").status_code == 404
    assert appoint(desk, patient, own, basis="court").status_code == 201


def test_a_guardian_by_consent_acts_while_the_consent_stands(api, parent):
    who, own = parent
    patient = make.patient()
    desk = api("receptionist")
    appoint(desk, patient, own, basis="consent")
    assert who.get(f"/patients/{patient.id}").status_code == 404
    for decision, status in (("given", 200), ("withdrawn", 404)):
        consenting.decide(patient=patient, purpose="family", decision=decision, wording="1", by=desk.member)
        assert who.get(f"/patients/{patient.id}").status_code == status


def test_staff_who_are_guardians_see_no_more_at_work(api, member, in_north):
    """Who acts for a patient does so as a patient of the clinic, not by a role."""
    therapist, patient = api("therapist"), make.patient()
    guardian = make.patient()
    Patient.objects.filter(pk=guardian.pk).update(user=therapist.member.user_id)
    appoint(api("receptionist"), patient, guardian, basis="court")
    assert therapist.get(f"/patients/{patient.id}").status_code == 404


def test_nobody_is_their_own_guardian_nor_one_without_an_account_nor_twice(api, parent):
    desk, (_, own) = api("receptionist"), parent
    patient = make.patient()
    assert appoint(desk, own, own, basis="court").json()["code"] == "own_guardian"
    assert appoint(desk, own, patient, basis="court").json()["code"] == "guardian_without_account"
    assert appoint(desk, patient, own, basis="court").status_code == 201
    assert appoint(desk, patient, own, basis="court").json()["code"] == "already_guardian"


def test_who_was_born_on_29_february_is_of_age_on_1_march():
    assert guarding._birthday(dt.date(2008, 2, 29), 18) == dt.date(2026, 3, 1)


def test_another_clinics_person_has_no_dependants(in_north):
    stranger = Member(new_id(), in_north.id, frozenset({"patient"}))
    assert not Patient.objects.visible_to(stranger, "patient.view").exists()


def test_a_patient_asks_for_a_correction_and_is_answered_once(api, parent):
    who, own = parent
    nurse, base = api("nurse"), f"/patients/{own.id}/amendments"
    asked = who.post(base, {"section": "allergies", "text": "I am not allergic to eggs."}).json()
    decided = nurse.post(f"{base}/{asked['id']}/decide", {"accept": False, "answer": "Test of May was positive."})
    assert (decided.json()["state"], decided.json()["answer"]) == ("denied", "Test of May was positive.")
    assert nurse.post(f"{base}/{asked['id']}/decide", {"accept": True, "answer": "x"}).json()["code"] == "already_decided"
    assert [a["state"] for a in who.get(base).json()["results"]] == ["denied"]
    assert nurse.post(base, {"text": "x"}).status_code == 403
