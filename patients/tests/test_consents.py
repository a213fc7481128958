"""Does what the patient decides open and close the chart, with the law's exceptions and no others?"""

import pytest
from django.db import IntegrityError, transaction

from healthcare.tests import make
from patients.models import Consent, Patient
from patients.services import consenting

pytestmark = pytest.mark.django_db


def decide(who, chart, purpose, decision):
    body = {"purpose": purpose, "decision": decision, "wording": "2026-01"}
    answer = who.post(f"{chart}/consents", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


@pytest.fixture
def patient(api, in_north):
    who = api("patient")
    own = Patient.objects.get(user=who.member.user_id)
    return who, f"/patients/{own.id}", own


def test_without_a_decision_the_care_team_reads(api, patient):
    assert api("nurse").get(f"{patient[1]}/conditions").status_code == 200


def test_a_withdrawn_consent_closes_the_clinical_sections_and_a_new_one_opens_them(api, patient):
    who, chart, _ = patient
    nurse = api("nurse")
    decide(who, chart, "treatment", "withdrawn")
    answer = nurse.get(f"{chart}/conditions")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_withheld")
    assert nurse.get(f"{chart}/contacts").status_code == 200
    assert who.get(f"{chart}/conditions").status_code == 200
    decide(who, chart, "treatment", "given")
    assert nurse.get(f"{chart}/conditions").status_code == 200


def test_what_one_wrote_oneself_stays_readable(api, patient):
    who, chart, _ = patient
    author, other = api("nurse"), api("nurse")
    mine = author.post(f"{chart}/notes", {"text": "seen"}).json()["id"]
    other.post(f"{chart}/notes", {"text": "seen too"})
    decide(who, chart, "treatment", "withdrawn")
    assert [n["id"] for n in author.get(f"{chart}/notes").json()["results"]] == [mine]


def test_a_sensitive_note_is_its_authors_until_the_patient_agrees(api, patient):
    who, chart, _ = patient
    author, other = api("nurse"), api("nurse")
    one = author.post(f"{chart}/notes", {"text": "in confidence", "is_sensitive": True}).json()["id"]

    def seen_by(reader):
        return [n["id"] for n in reader.get(f"{chart}/notes").json()["results"]]

    assert (seen_by(author), seen_by(who), seen_by(other)) == ([one], [one], [])
    assert other.get(f"{chart}/notes/{one}").status_code == 404
    decide(who, chart, "sensitive", "given")
    assert seen_by(other) == [one]
    decide(who, chart, "sensitive", "withdrawn")
    assert seen_by(other) == []


def test_a_withdrawn_payment_consent_closes_the_insurance_to_the_desk(api, patient):
    who, chart, _ = patient
    desk = api("receptionist")
    desk.post(f"{chart}/insurance", {"insurer": "A", "policy_number": "1"})
    other = api("receptionist")
    decide(who, chart, "payment", "withdrawn")
    assert (other.get(f"{chart}/insurance").status_code, who.get(f"{chart}/insurance").status_code) == (403, 200)


def test_a_registered_exception_opens_what_the_patient_closed(api, patient, monkeypatch):
    who, chart, own = patient
    nurse = api("nurse")
    decide(who, chart, "treatment", "withdrawn")
    monkeypatch.setitem(consenting.EXCEPTIONS, "emergency", lambda chart, member: chart.pk == own.pk)
    assert nurse.get(f"{chart}/conditions").status_code == 200
    decide(who, chart, "payment", "withdrawn")
    assert nurse.get(f"{chart}/insurance").status_code == 403


def test_the_standing_consents_say_what_is_open_and_by_which_decision(api, patient):
    who, chart, _ = patient
    made = decide(who, chart, "sensitive", "given")
    standing = {row["purpose"]: row for row in who.get(f"{chart}/consents/standing").json()}
    assert {name: row["is_open"] for name, row in standing.items()} == {
        "treatment": True,
        "payment": True,
        "sensitive": True,
        "family": False,
    }
    assert standing["sensitive"]["decision"]["id"] == made["id"] and standing["family"]["decision"] is None


def test_the_desk_records_a_written_consent_and_an_auditor_none(api, patient):
    body = {"purpose": "family", "decision": "given", "wording": "v2", "channel": "written", "remark": "form 12"}
    assert api("receptionist").post(f"{patient[1]}/consents", body).json()["channel"] == "written"
    assert api("auditor").post(f"{patient[1]}/consents", body).status_code == 403


def test_a_decision_that_is_none_is_refused_by_the_database(in_north):
    row = Consent(patient=make.patient(), purpose="family", decision="perhaps", wording="1", channel="spoken")
    with pytest.raises(IntegrityError, match="consent_decision_known"), transaction.atomic():
        row.save()
