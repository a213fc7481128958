"""Is a chart that was erased gone, from the live data and from every old copy, and is it kept where the law says so?"""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from appointments.models import Appointment
from clinics.events import ClinicRestored
from healthcare.core.crypto import Unreadable, patient_scope
from healthcare.core.events import publish
from healthcare.core.keystore import keys
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.models import Allergy, Erasure, Patient, Visit
from patients.services import documents, erasing
from patients.tasks import destroy_key, erase_again

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOCUMENTS_DIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def chart(in_north):
    patient = make.patient(first_name="Zubeida", phone="+919812345678")
    Allergy(patient=patient, substance="Penicillin").save()
    return patient


def erase(api, chart, **more):
    asks, confirms = api("clinic_admin"), api("compliance_officer")
    asked = asks.post(f"/patients/{chart.id}/erasure", {"basis": "patient_asked", **more})
    if asked.status_code != 201:
        return asked
    assert asks.post(f"/patients/{chart.id}/erasure/confirm", {}).json()["code"] == "four_eyes"
    return confirms.post(f"/patients/{chart.id}/erasure/confirm", {})


def rows_of(chart):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM patients_patient WHERE id = %s", [chart.pk])
        return dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True))


def test_an_erased_chart_is_blank_and_an_old_copy_of_it_unreadable(api, chart, folder):
    documents.add(patient=chart, content=b"x", said="", file_name="x.txt", title="x", by=api("nurse").member)
    before, old = rows_of(chart), Patient.objects.get(pk=chart.pk)
    done = erase(api, chart)
    assert done.status_code == 200, done.json()
    destroy_key(erasure_id=done.json()["id"])
    desk = api("receptionist")
    shown = desk.get(f"/patients/{chart.id}").json()
    assert (shown["first_name"], shown["phone"], shown["mrn"]) == ("", None, chart.mrn) and shown["erased_at"]
    assert desk.post("/patients/search", {"name": "zubeida"}).json()["results"] == []
    assert desk.post("/patients/search", {"phone": "+919812345678"}).json()["results"] == []
    assert not Allergy.objects.exists() and not list(folder.rglob("*.sealed"))
    after = rows_of(chart)
    assert not any(bytes(before[c]) == bytes(after[c] or b"") for c in ("first_name", "last_name", "phone"))
    keys.forget()
    with pytest.raises(Unreadable):
        _ = old.first_name  # the row as an old backup would bring it back
    assert Erasure.objects.get().key_destroyed_at is not None
    assert destroy_key(erasure_id=done.json()["id"]) is None  # may run twice


def test_a_chart_that_came_back_from_a_backup_is_blanked_again(api, chart):
    before = rows_of(chart)
    destroy_key(erasure_id=erase(api, chart).json()["id"])
    columns = ("first_name", "last_name", "phone", "erased_at", "name_index", "phone_index")
    with connection.cursor() as cursor:
        said = ", ".join(f"{c} = %s" for c in columns)
        cursor.execute(f"UPDATE patients_patient SET {said} WHERE id = %s", [*(before[c] for c in columns), chart.pk])
    erase_again()
    assert api("receptionist").get(f"/patients/{chart.id}").json()["first_name"] == ""
    assert rows_of(chart)["name_index"] is None


def test_a_restore_owes_the_erasures_once_more(north):
    with on_platform():
        publish(ClinicRestored(clinic_id=north.id))
        assert Job.objects.filter(name="patients.erase_again", clinic_id=north.id).count() == 1


def test_a_hold_stops_it_whatever_the_basis_and_lifting_it_lets_it_go_on(api, chart):
    office = api("compliance_officer")
    hold = office.post(f"/patients/{chart.id}/holds", {"reason": "case 12"}).json()["id"]
    for basis in ("patient_asked", "court_order"):
        answer = erase(api, chart, basis=basis)
        assert (answer.status_code, [r["code"] for r in answer.json()["reasons"]]) == (409, ["legal_hold"])
    assert office.delete(f"/patients/{chart.id}/holds/{hold}").status_code == 204
    assert erase(api, chart).status_code == 200


def test_every_reason_is_told_and_a_court_stands_above_retention(api, chart, settings):
    Visit(patient=chart).save()
    doctor = make.practitioner()
    at = timezone.now() + timezone.timedelta(days=1)
    ahead = Appointment(
        kind="consultation", patient=chart, practitioner=doctor, location_id=doctor.location_id, starts_at=at,
        ends_at=at + timezone.timedelta(minutes=10), reason="fever",
    )  # fmt: skip
    ahead.save()
    assert {r["code"] for r in erase(api, chart).json()["reasons"]} == {"retention", "appointments_ahead"}
    Appointment.objects.filter(pk=ahead.pk).update(state="cancelled")
    assert [r["code"] for r in erase(api, chart).json()["reasons"]] == ["retention"]
    assert erase(api, chart, basis="court_order").status_code == 200
    assert Appointment.objects.get(pk=ahead.pk).reason == ""


def test_a_patient_asks_for_the_own_erasure_and_takes_it_back(api, in_north):
    who = api("patient")
    own = Patient.objects.get(user=who.member.user_id)
    base = f"/patients/{own.id}/erasure"
    assert who.post(base, {"basis": "patient_asked"}).status_code == 201
    assert who.post(base, {"basis": "patient_asked"}).json()["code"] == "erasure_asked"
    assert who.post(f"{base}/confirm", {}).status_code == 403
    assert (who.delete(base).status_code, who.delete(base).status_code) == (204, 409)
    assert who.post(base, {"basis": "patient_asked"}).status_code == 201
    assert api("clinic_admin").post(f"{base}/confirm", {}).status_code == 200
    assert who.get("/patients").json()["results"] == [] and not Patient.objects.filter(user=who.member.user_id).exists()


def test_the_keys_of_what_became_part_of_a_chart_fall_with_it(api, chart, in_north):
    part = make.patient(first_name="Zubeda")
    api("receptionist").post(f"/patients/{chart.id}/merges", {"source": str(part.id), "reason": "x"})
    destroy_key(erasure_id=erase(api, chart).json()["id"])
    assert not any(keys.has(patient_scope(in_north.id, pk)) for pk in (chart.pk, part.pk))
    assert set(keys.destroyed(in_north.id)) == {chart.pk, part.pk}


def test_the_database_wants_four_eyes_one_request_and_a_confirmation(chart):
    by = chart.pk
    with pytest.raises(IntegrityError, match="erasure_four_eyes"), transaction.atomic():
        Erasure(patient=chart, basis="court_order", asked_by=by, confirmed_by=by, confirmed_at=timezone.now()).save()
    with pytest.raises(IntegrityError, match="erasure_confirmed_first"), transaction.atomic():
        Erasure(patient=chart, basis="court_order", asked_by=by, key_destroyed_at=timezone.now()).save()
    Erasure(patient=chart, basis="court_order", asked_by=by).save()
    with pytest.raises(IntegrityError, match="erasure_once"), transaction.atomic():
        Erasure(patient=chart, basis="court_order", asked_by=by).save()


def test_what_stands_in_the_way_is_asked_of_every_app():
    assert {test.__name__ for test in erasing._obstacles} >= {"legal_hold", "retention", "appointments_ahead"}
