"""Do a clinic's documents leave and come back with it?"""

import orjson
import pytest
from django.utils import timezone

from clinics.archive import signing, stored
from clinics.archive.bundle import Damaged, Reader
from clinics.tests.filled import entries, export, lose, quiet, restore, rewritten, told
from healthcare.core import crypto
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.rotation import Order, parts, retire
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Document, Patient
from patients.services import documents

pytestmark = pytest.mark.parallel
SAID = b"Findings: none of note."
WORDS = "seven words that nobody else would say here"


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


def test_a_restore_whose_disk_fails_half_way_leaves_each_file_as_it_was_and_the_next_one_mends_it(west, filed, monkeypatch):
    row, archive = filed
    (place,) = files_of(west)
    place.write_bytes(b"something else")
    before, real = told(west), Reader.blocks

    def failing(self, member):
        blocks = real(self, member)
        if not stored.is_file(member):
            return blocks
        return (half for half in (next(blocks)[:10], OSError(28, "No space left on device")) if _is_bytes(half))

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(Reader, "blocks", failing)
        restore(archive, replace=True)
    assert (place.read_bytes(), [p.name for p in place.parent.iterdir()]) == (b"something else", [place.name])
    assert told(west) == before  # the rows come after the files: none was touched
    restore(archive, replace=True)
    assert content(west, row) == SAID


def _is_bytes(half):
    if isinstance(half, OSError):
        raise half
    return True


def test_a_file_that_fails_in_the_midst_of_being_written_is_not_there_and_neither_is_a_part_of_it(tmp_path):
    def blocks():
        yield b"half"
        raise OSError(28, "No space left on device")

    place = tmp_path / "chart" / "document.sealed"
    with pytest.raises(OSError, match="No space"):
        stored.write(place, blocks())
    assert list(tmp_path.rglob("*")) == [place.parent]
    stored.write(place, iter([b"whole"]))
    with pytest.raises(OSError, match="No space"):
        stored.write(place, blocks())
    assert (place.read_bytes(), list(place.parent.iterdir())) == (b"whole", [place])


def rotated(west, *, retiring=False):
    order = Order(timezone.now(), west.id, quiet, settles=0.0)
    parts()["patients"](order)
    assert not retiring or retire(order, "patient")


def test_an_archive_from_before_a_rotation_comes_back_and_its_files_are_read(west, filed):
    row, archive = filed
    rotated(west)
    restore(archive, replace=True)
    (place,) = files_of(west)
    assert (content(west, row), crypto.generation_of(place.read_bytes())) == (SAID, 1)
    rotated(west, retiring=True)
    assert content(west, row) == SAID


def test_an_archive_that_is_written_while_keys_are_rotated_has_the_key_of_each_file(west, filed, tmp_path, monkeypatch):
    row, _ = filed
    real = stored.add_all

    def rotating(writer, schema):
        rotated(west)
        return real(writer, schema)

    monkeypatch.setattr(stored, "add_all", rotating)
    archive = export(west, tmp_path / "meanwhile.tar", passphrase=WORDS)
    WrappedKey.objects.filter(clinic=west.id).delete()  # another installation has none of them
    keys.forget()
    files_of(west)[0].unlink()
    lose(west)
    restore(archive, passphrase=WORDS)
    assert content(west, row) == SAID


def _renamed(members, name):
    old = next(member for member in members if stored.is_file(member))
    members[name] = members.pop(old)
    text = members["manifest.json"] = members["manifest.json"].replace(old.encode(), name.encode())
    members["signatures.json"] = orjson.dumps({"installation": signing.sign(text, signing.installation_key())})
