"""Do files come into a chart sealed and out of it to those only who may read it?"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from healthcare.core.crypto import Unreadable
from healthcare.tests import make
from healthcare.tests.client import client
from patients.models import Document
from patients.services import documents, files

pytestmark = pytest.mark.django_db
TEXT = b"Result: Zubeida's ferritin is low.\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOCUMENTS_DIR = str(tmp_path)
    return tmp_path


def send(who, patient, content=TEXT, name="ferritin.txt", content_type="text/plain", **more):
    body = {"file": SimpleUploadedFile(name, content, content_type), **more}
    return who.post(f"/patients/{patient.id}/documents", body, format="multipart")


def test_a_file_goes_in_sealed_and_comes_out_as_a_download(api, in_north, folder):
    nurse, patient = api("nurse"), make.patient()
    made = send(nurse, patient, name="../../etc/Ferritin\u202etxt.exe", title="Ferritin", kind="report")
    assert made.status_code == 201, made.json()
    (stored,) = folder.rglob("*.sealed")
    assert stored.relative_to(folder).parts[0] == in_north.schema_name
    assert b"ferritin" not in stored.read_bytes().lower()
    got = nurse.get(f"/patients/{patient.id}/documents/{made.json()['id']}/content", HTTP_ACCEPT="text/plain")
    assert (got.status_code, got.content, got["Content-Type"]) == (200, TEXT, "text/plain")
    assert got["Content-Disposition"].startswith("attachment") and "/" not in got["Content-Disposition"].split("filename")[1]
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "no-store, private")


def test_what_could_run_is_refused_and_leaves_nothing(api, in_north, folder):
    answer = send(api("nurse"), make.patient(), content=b"<html><script>", name="a.png", content_type="image/png")
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_kind")
    assert not Document.objects.exists() and not list(folder.rglob("*.sealed"))


def test_the_same_file_is_in_a_chart_once(api, in_north, folder):
    nurse, patient = api("nurse"), make.patient()
    assert send(nurse, patient).status_code == 201
    assert send(nurse, patient, name="copy.txt").json()["code"] == "document_exists"
    assert len(list(folder.rglob("*.sealed"))) == 1
    assert send(nurse, make.patient()).status_code == 201


@pytest.mark.parametrize("role", ["receptionist", "billing_specialist", "auditor", "doctor"])
def test_who_may_not_read_documents_gets_none(api, in_north, role):
    patient = make.patient()
    one = send(api("nurse"), patient).json()["id"]
    assert api(role).get(f"/patients/{patient.id}/documents/{one}/content").status_code in (403, 404)


def test_another_clinics_document_looks_like_an_unknown_one(api, in_north, south, member):
    patient = make.patient()
    one = send(api("nurse"), patient).json()["id"]
    stranger = client(member("nurse", clinic=south), "south")
    assert stranger.get(f"/patients/{patient.id}/documents/{one}/content").status_code == 404


def test_a_withdrawn_consent_closes_the_documents(api, in_north):
    from patients.services import consenting

    author, other, patient = api("nurse"), api("nurse"), make.patient()
    one = send(author, patient).json()["id"]
    consenting.decide(patient=patient, purpose="treatment", decision="withdrawn", wording="1", by=author.member)
    content = f"/patients/{patient.id}/documents/{one}/content"
    assert (other.get(content).status_code, author.get(content).status_code) == (403, 200)


def test_a_file_put_in_anothers_place_does_not_open(api, in_north, folder):
    nurse, one, other = api("nurse"), make.patient(), make.patient()
    send(nurse, one)
    send(nurse, other, content=b"other")
    mine, theirs = (Document.objects.get(patient=p) for p in (one, other))
    places = {row.pk: next(folder.rglob(f"{row.pk}.sealed")) for row in (mine, theirs)}
    places[mine.pk].write_bytes(places[theirs.pk].read_bytes())
    with pytest.raises(Unreadable):
        documents.content_of(mine)
    places[mine.pk].unlink()
    with pytest.raises(files.FileGone):
        documents.content_of(mine)


def test_a_large_body_is_for_documents_only(api, in_north):
    nurse, patient, big = api("nurse"), make.patient(), b"a" * 3_000_000
    assert send(nurse, patient, content=big).status_code == 201
    other = nurse.post("/patients", {"file": SimpleUploadedFile("a", big)}, format="multipart")
    assert other.status_code == 413


def test_the_same_key_with_another_file_is_another_request(api, in_north):
    nurse, patient = api("nurse"), make.patient()

    def keyed(content):
        body = {"file": SimpleUploadedFile("a.txt", content, "text/plain")}
        return nurse.post(f"/patients/{patient.id}/documents", body, format="multipart", HTTP_IDEMPOTENCY_KEY="k-1")

    first = keyed(b"one")
    assert (keyed(b"one").json(), keyed(b"two").status_code) == (first.json(), 409)
