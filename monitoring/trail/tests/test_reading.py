"""Does every look at health data leave an entry, once, by whom and whose, and none where nothing was seen?"""

import json
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from monitoring.trail import reading
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.tests import rows
from patients.models import Patient

pytestmark = pytest.mark.django_db

LOOKS = ("access", "search", "export")


@pytest.fixture
def looks(north: Any) -> Any:
    def found(**wanted: Any) -> list[Any]:
        with in_clinic(north):
            entries = ClinicAuditEntry.objects.filter(action__in=LOOKS, **wanted).order_by("number")
            return [e for e in entries if e.object_type != "trail.clinicauditentry"]

    return found


def test_a_chart_that_is_read_leaves_one_entry_by_the_reader_about_the_patient(api: Any, in_north: Any, looks: Any):
    chart, nurse = make.patient(), api("nurse")
    nurse.get(f"/patients/{chart.id}", headers={"X-Purpose": "treatment"})
    (entry,) = looks()
    assert (entry.action, entry.object_type, entry.object_id) == ("access", "patients.patient", str(chart.id))
    assert (entry.actor, entry.subjects, entry.purpose) == (nurse.member.user_id, [chart.id], "treatment")
    assert entry.changes["route"] == [None, "GET patients/<uuid:patient_id>"]


def test_a_page_of_charts_is_one_entry_with_all_ids(api: Any, in_north: Any, looks: Any):
    charts = [make.patient() for _ in range(3)]
    api("receptionist").get("/patients")
    (entry,) = looks()
    assert set(entry.changes["seen"][1]["patients.patient"]) == {str(c.id) for c in charts}
    assert set(entry.subjects) == {c.id for c in charts}


def test_recording_costs_one_statement_for_one_row_and_for_twenty(api: Any, in_north: Any):
    desk, counts = api("receptionist"), []
    desk.get("/patients")  # notes that the sign-in was used
    for more in (1, 19):
        for _ in range(more):
            make.patient()
        reading.forget()
        with CaptureQueriesContext(connection) as queries:
            desk.get("/patients")
        counts.append((len(queries), len([q for q in queries if 'INTO "audit_entry"' in q["sql"]])))
    assert counts[0] == counts[1] and counts[0][1] == 1


def test_appointments_are_looks_at_their_patients(api: Any, in_north: Any, looks: Any):
    row = rows.saved(rows.appointment())
    api("receptionist").get("/appointments")
    (entry,) = looks()
    assert (entry.object_type, entry.object_id) == ("appointments.appointment", str(row.id))
    assert entry.subjects == [row.patient_id]


def test_the_same_look_within_a_minute_is_one_and_another_purpose_another(api: Any, in_north: Any, looks: Any):
    chart, nurse = make.patient(), api("nurse")
    for _ in range(3):
        nurse.get(f"/patients/{chart.id}")
    assert len(looks()) == 1
    nurse.get(f"/patients/{chart.id}", headers={"X-Purpose": "payment"})
    api("nurse").get(f"/patients/{chart.id}")
    assert len(looks()) == 3


def test_a_search_is_on_record_without_its_words_whatever_it_finds(api: Any, in_north: Any, looks: Any):
    make.patient(first_name="Zubeida", phone="+919812345678")
    desk = api("receptionist")
    for phone in ("+919812345678", "+919812345679"):
        assert desk.post("/patients/search", {"phone": phone}).status_code == 200
    found, nobody = looks()
    assert [e.action for e in (found, nobody)] == ["search", "search"]
    assert (len(found.subjects), nobody.subjects) == (1, [])
    assert "9812345" not in json.dumps([e.changes for e in (found, nobody)])


def test_what_was_refused_was_not_seen(api: Any, in_north: Any, looks: Any):
    chart = make.patient()
    api("data_analyst").get(f"/patients/{chart.id}")
    api("nurse").get(f"/patients/{new_id()}")
    assert looks() == []


def test_a_change_tells_of_the_look_by_itself(api: Any, in_north: Any, looks: Any):
    chart = make.patient()
    api("receptionist").patch(f"/patients/{chart.id}", {"last_name": "Okafor"})
    assert looks() == []
    assert ClinicAuditEntry.objects.filter(action="update", subjects__contains=[chart.id]).count() == 1


def test_what_shows_no_patient_leaves_no_entry(api: Any, in_north: Any, looks: Any):
    rows.saved(rows.practitioner())
    nurse = api("nurse")
    nurse.get("/clinics/north/doctors")
    nurse.get("/audit/events")
    assert looks() == []


def test_an_answer_whose_look_cannot_be_put_on_record_is_not_given(api: Any, in_north: Any):
    chart, nurse = make.patient(first_name="Zubeida"), api("nurse")
    with mock.patch.object(reading, "record", side_effect=DatabaseError):
        answer = nurse.get(f"/patients/{chart.id}")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (503, "not_recorded")
    assert b"Zubeida" not in answer.content


def test_a_purpose_that_is_none_is_refused(api: Any, north: Any):
    answer = api("nurse").get("/patients", headers={"X-Purpose": "curiosity"})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "purpose_unknown")


def test_pages_of_the_admin_are_looks_too(client: Any, north: Any, looks: Any, member: Any):
    with in_clinic(north):
        chart = make.patient()
    nurse = member("nurse")
    client.force_login(User.objects.get(pk=nurse.user_id))
    assert client.get("/admin/patients/patient/").status_code == 200
    (entry,) = looks()
    assert (entry.actor, entry.subjects, entry.action) == (nurse.user_id, [chart.id], "access")


class TestAccessLog:
    def ask(self, client: Any, patient: Any, **asked: str) -> Any:
        return client.get(f"/patients/{patient}/access-log", asked)

    def test_patients_read_who_saw_their_record_with_name_and_role(self, api: Any, north: Any):
        mine, nurse = api("patient"), api("nurse")
        with in_clinic(north):
            chart = Patient.objects.get(user=mine.member.user_id)
        nurse.get(f"/patients/{chart.id}", headers={"X-Purpose": "treatment"})
        seen = json.loads(self.ask(mine, chart.id, action="access").content)["results"]
        assert [(e["who"], e["roles"], e["purpose"], e["is_own"]) for e in seen] == [
            ("Noor Quill", ["nurse"], "treatment", False)
        ]
        assert "patients.patient" in seen[0]["what"]

    def test_nobody_reads_the_log_of_another(self, api: Any, in_north: Any):
        chart = make.patient()
        assert self.ask(api("patient"), chart.id).status_code == 404
        assert self.ask(api("doctor"), chart.id).status_code == 403
        assert self.ask(api("compliance_officer"), chart.id).status_code == 200

    def test_disclosures_are_what_left_the_clinic(self, api: Any, in_north: Any):
        from monitoring.trail.writing import record

        chart = make.patient()
        record("export", "patients.patient", chart.id, actor=make.person().pk, subjects=[chart.id])
        officer = api("compliance_officer")
        told = json.loads(self.ask(officer, chart.id, disclosures="true").content)["results"]
        assert [e["action"] for e in told] == ["export"]

    def test_a_page_costs_the_same_for_one_entry_and_for_three(self, api: Any, in_north: Any):
        chart, officer, counts = make.patient(), api("compliance_officer"), []
        for _ in (1, 2):
            api("nurse").get(f"/patients/{chart.id}")
            with CaptureQueriesContext(connection) as queries:
                self.ask(officer, chart.id, action="access")
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_the_trail_is_narrowed_to_a_patient(self, api: Any, in_north: Any):
        chart = make.patient()
        make.patient()
        events = json.loads(api("auditor").get("/audit/events", {"patient": str(chart.id)}).content)["results"]
        assert [(e["action"], e["subjects"]) for e in events] == [("create", [str(chart.id)])]
