"""Do a clinic's documents leave and come back with it?"""

import orjson
import pytest

from clinics.archive import signing, stored
from clinics.archive.bundle import Damaged
from clinics.tests.filled import entries, export, lose, restore, rewritten
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Document, Patient
from patients.services import documents

pytestmark = pytest.mark.parallel
SAID = b"Findings: none of note."


@pytest.fixture
def filed(west, tmp_path, settings):
    """The clinic with a document, and its archive."""
    settings.DOCUMENTS_DIR = str(tmp_path / "documents")
    desk = make.member("receptionist", west)
    with in_clinic(west):
        chart = Patient.objects.order_by("id")[0]
        row = documents.add(patient=chart, content=SAID, said="", file_name="a.txt", title="Findings", by=desk)
    return row, export(west, tmp_path / "with-files.tar")


def content(west, row):
    with in_clinic(west):
        return documents.content_of(Document.objects.get(pk=row.pk))


def files_of(west):
    return sorted(stored.folder_of(west.schema_name).glob("*/*.sealed"))


def test_a_document_travels_sealed_and_is_read_again(west, filed):
    row, archive = filed
    (member,) = [entry["member"] for entry in entries(archive) if stored.is_file(entry["member"])]
    assert member == f"files/{row.patient_id}/{row.pk}.sealed"
    assert SAID not in archive.read_bytes()
    (place,) = files_of(west)
    place.unlink()
    lose(west)
    restore(archive)
    assert content(west, row) == SAID


def test_a_file_that_was_changed_meanwhile_is_put_right_and_others_are_left(west, filed):
    row, archive = filed
    (place,) = files_of(west)
    place.write_bytes(b"something else")
    newer = place.with_name("0194f3a0-bc00-7417-ba32-8841acd9fbeb.sealed")
    newer.write_bytes(b"put there since")
    restore(archive, replace=True)
    assert content(west, row) == SAID
    assert newer.read_bytes() == b"put there since"
    assert list(place.parent.glob("*.partial")) == []


@pytest.mark.parametrize("name", ["files/../../outside.sealed", "files/imports/x.sealed", "files/a.sealed"])
def test_a_file_of_a_strange_name_is_refused_whoever_signed_it(west, filed, name):
    _, archive = filed
    forged = rewritten(archive, lambda members: _renamed(members, name))
    with pytest.raises(Damaged) as refused:
        restore(forged, replace=True)
    assert "strange name" in refused.value.detail


def _renamed(members, name):
    old = next(member for member in members if stored.is_file(member))
    members[name] = members.pop(old)
    text = members["manifest.json"] = members["manifest.json"].replace(old.encode(), name.encode())
    members["signatures.json"] = orjson.dumps({"installation": signing.sign(text, signing.installation_key())})
