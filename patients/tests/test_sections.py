"""Are all sections of a chart written and read the same way, by whom the table says, with nothing ever lost?"""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment
from healthcare.probe.operations import SECTIONS as EXAMPLES
from healthcare.tests import make
from healthcare.tests.client import client
from patients.models import FormerVersion
from patients.section_views import SHAPES
from patients.sections import SECTIONS

pytestmark = pytest.mark.django_db
NAMES = sorted(SHAPES)


def said(name):
    return {k: v for k, v in EXAMPLES[name][2].items() if not str(v).startswith("@")}


@pytest.fixture
def treated(in_north, member):
    """A patient and a doctor who treats them."""

    doctor = member("doctor")
    patient, card = make.patient(), make.practitioner(user_id=doctor.user_id)
    begins = timezone.now()
    Appointment(
        kind="consultation", patient=patient, practitioner=card, location_id=card.location_id, starts_at=begins,
        ends_at=begins + dt.timedelta(minutes=10),
    ).save()  # fmt: skip
    return patient, client(doctor, "north")


def test_every_section_but_documents_has_shapes():
    assert set(SHAPES) | {"documents"} == set(SECTIONS) == set(EXAMPLES) | {"documents"}


def test_in_every_section_an_entry_is_written_read_corrected_and_set_aside(api, treated):
    patient, doctor = treated
    writers = {"prescriptions": doctor, "insurance": api("receptionist")}
    nurse = api("nurse")
    for name in NAMES:
        who, base = writers.get(name, nurse), f"/patients/{patient.id}/{name}"
        made = who.post(base, said(name))
        assert made.status_code == 201, (name, made.json())
        one = f"{base}/{made.json()['id']}"
        assert who.get(one)["ETag"] == '"1"'
        ((field, value),) = EXAMPLES[name][3].items()
        changed = who.patch(one, {field: value, "change_reason": "typing error"}, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, (name, changed.json())
        assert who.patch(one, {field: value}, headers={"If-Match": '"1"'}).status_code == 412
        former = FormerVersion.objects.get(row_id=made.json()["id"])
        assert (former.number, former.reason, former.section) == (1, "typing error", name)
        assert who.delete(one).status_code == 204
        assert (who.get(one).status_code, who.get(base).json()["results"]) == (404, [])
        assert FormerVersion.objects.filter(row_id=made.json()["id"]).count() == 2


def test_every_section_costs_the_same_for_one_entry_as_for_three(api, treated):
    patient, doctor = treated
    desk = api("receptionist")
    for name in NAMES:
        who, counts = desk if name == "insurance" else doctor, []
        for number in range(4):
            with CaptureQueriesContext(connection) as seen:
                assert len(who.get(f"/patients/{patient.id}/{name}").json()["results"]) == number
            counts.append(sum("patients_" in query["sql"] for query in seen))  # who the caller is, is looked up now and then
            body = {**said(name), **({"value": f"N-{number}"} if name == "identifiers" else {})}
            SECTIONS[name].model(patient=patient, **body).save()
        assert counts[1] == counts[3], name


@pytest.mark.parametrize(("role", "sees"), [("receptionist", {"identifiers", "contacts", "insurance"}), ("auditor", set())])
def test_a_role_sees_the_sections_of_its_work_only(api, in_north, role, sees):
    patient, who = make.patient(), api(role)
    assert {name for name in NAMES if who.get(f"/patients/{patient.id}/{name}").status_code == 200} == sees


def test_a_patient_reads_the_own_chart_and_writes_nothing_clinical(api, in_north):
    who = api("patient")
    chart = f"/patients/{who.get('/patients').json()['results'][0]['id']}"
    assert {who.get(f"{chart}/{name}").status_code for name in NAMES} == {200}
    assert {who.post(f"{chart}/{name}", said(name)).status_code for name in NAMES} == {403}


def test_an_entry_of_another_chart_is_not_found_under_this_one(api, in_north):
    nurse, one, other = api("nurse"), make.patient(), make.patient()
    row = nurse.post(f"/patients/{other.id}/allergies", {"substance": "Penicillin"}).json()["id"]
    assert nurse.get(f"/patients/{one.id}/allergies/{row}").status_code == 404


def test_a_note_belongs_to_a_visit_of_the_same_chart(api, in_north):
    nurse, one, other = api("nurse"), make.patient(), make.patient()
    visit = nurse.post(f"/patients/{other.id}/visits", {}).json()["id"]
    assert nurse.post(f"/patients/{one.id}/notes", {"text": "x", "visit": visit}).status_code == 404
    assert nurse.post(f"/patients/{other.id}/notes", {"text": "x", "visit": visit}).json()["visit"] == visit


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"sign": "heart_rate", "value": "4000"}, "out_of_range"),
        ({"sign": "heart_rate", "value": "70", "unit": "kg"}, "unit"),
        ({"sign": "mood", "value": "1"}, "invalid_choice"),
    ],
)
def test_a_vital_sign_no_living_person_has_is_refused(api, in_north, body, code):
    answer = api("nurse").post(f"/patients/{make.patient().id}/vitals", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


def test_a_vital_sign_is_kept_in_its_own_unit(api, in_north):
    made = api("nurse").post(
        f"/patients/{make.patient().id}/vitals", {"sign": "body_temperature", "value": "98.6", "unit": "[degF]"}
    )
    assert {k: made.json()[k] for k in ("value", "unit", "loinc")} == {"value": "37.00", "unit": "Cel", "loinc": "8310-5"}


@pytest.mark.parametrize(("value", "status"), [("234123412346", 201), ("2341 2341 2346", 201), ("234123412347", 400)])
def test_an_aadhaar_number_with_a_wrong_digit_is_refused(api, in_north, value, status):
    answer = api("receptionist").post(f"/patients/{make.patient().id}/identifiers", {"kind": "aadhaar", "value": value})
    assert answer.status_code == status, answer.json()


def test_one_number_is_in_one_chart_only_and_finds_it(api, in_north):
    desk, one, other = api("receptionist"), make.patient(), make.patient()
    number = {"kind": "abha", "value": "91-1234-5678-9012"}
    assert desk.post(f"/patients/{one.id}/identifiers", number).status_code == 201
    taken = desk.post(f"/patients/{other.id}/identifiers", number)
    assert (taken.status_code, taken.json()["code"]) == (409, "identifier_taken")
    assert [p["id"] for p in desk.post("/patients/search", {"identifier": "91123456789012"}).json()["results"]] == [str(one.id)]


def test_an_appointment_has_one_visit_in_its_patients_chart(treated):
    patient, doctor = treated
    body = {"appointment": str(Appointment.objects.get(patient=patient).pk)}
    assert doctor.post(f"/patients/{patient.id}/visits", body).status_code == 201
    assert doctor.post(f"/patients/{patient.id}/visits", body).json()["code"] == "visit_exists"


def test_an_appointment_of_somebody_else_is_not_found(api, treated):
    patient, other = treated[0], make.patient()
    body = {"appointment": str(Appointment.objects.get(patient=patient).pk)}
    assert api("nurse").post(f"/patients/{other.id}/visits", body).status_code == 404


def test_a_visit_does_not_end_before_it_starts(api, in_north):
    body = {"started_at": "2026-01-02T10:00:00Z", "ended_at": "2026-01-02T09:00:00Z"}
    assert api("nurse").post(f"/patients/{make.patient().id}/visits", body).json()["code"] == "ends_before_start"


def test_the_history_shows_what_stood_there_to_who_reads_the_section(api, in_north):
    nurse, patient = api("nurse"), make.patient()
    base = f"/patients/{patient.id}"
    row = nurse.post(f"{base}/allergies", {"substance": "Penicilin"}).json()["id"]
    nurse.patch(f"{base}/allergies/{row}", {"substance": "Penicillin", "change_reason": "spelling"})
    (entry,) = nurse.get(f"{base}/history?row={row}").json()["results"]
    assert (entry["said"]["substance"], entry["reason"], entry["number"]) == ("Penicilin", "spelling", 1)
    assert api("receptionist").get(f"{base}/history").status_code == 403
