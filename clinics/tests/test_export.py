"""Is an export complete, consistent, provable without us, and silent?"""

import csv
import hashlib
import io
import json
import tarfile

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from clinics.archive import places, rows
from clinics.archive.bundle import AlreadyThere, reading
from clinics.archive.signing import installation_key, is_signed
from clinics.events import ClinicExported
from clinics.models import Clinic
from clinics.services import schemas
from clinics.services.exporting import NothingThere, export_clinic, snapshot
from clinics.services.opening import order_clinic
from clinics.tests.filled import export, fill, manifest, names, quiet, told
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import in_clinic
from monitoring.models import PlatformAuditEntry
from patients.models import Patient

pytestmark = pytest.mark.parallel
HOLDS_CLINICS = """
SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname IN ('clinic', 'clinic_id', 'tenant_id')
UNION SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'public.clinics_clinic'::regclass
"""


def left_in(folder):
    return sorted(file.name for file in folder.iterdir())


def members(path):
    with tarfile.open(path) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def test_every_public_table_that_points_at_clinics_is_exported_or_left_out_with_a_reason(committed):
    with schemas.owner_cursor() as cursor:
        cursor.execute(HOLDS_CLINICS)
        found = {name for (name,) in cursor.fetchall()}
    known = {place.table for place in places.PLACES}
    assert found | {"clinics_clinic"} == known | set(places.LEFT_OUT)
    assert not known & set(places.LEFT_OUT) and all(len(reason) > 10 for reason in places.LEFT_OUT.values())


def test_the_archive_has_every_table_and_anybody_can_check_the_hashes(west, tmp_path):
    path = export(west, tmp_path / "west.tar")
    inside, said = members(path), manifest(path)
    with snapshot() as cursor:
        tables = {f"clinic/{name}.csv" for name in rows.tables_of(cursor, west.schema_name)}
    assert tables < set(inside) and "clinic/audit_entry.csv" in tables
    assert {entry["member"] for entry in said["members"]} == set(inside) - {"manifest.json", "signatures.json"}
    for entry in said["members"]:
        data = inside[entry["member"]]
        lines = list(csv.reader(io.StringIO(data.decode(), newline="")))
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert (lines[0], len(lines) - 1) == (entry["columns"], entry["rows"])
    counted = {entry["member"]: entry["rows"] for entry in said["members"]}
    assert counted["clinic/patients_patient.csv"] == counted["clinic/appointments_appointment.csv"] == 4
    assert counted["public/accounts_membership.csv"] == 2 and counted["public/job.csv"] == 2


def test_the_manifest_is_signed_with_a_key_of_this_installation(west, tmp_path):
    inside = members(export(west, tmp_path / "west.tar"))
    with reading(tmp_path / "west.tar") as reader:
        assert reader.prove()["clinic"]["slug"] == "west"
        signature = json.loads(inside["signatures.json"])["installation"]
    assert is_signed(inside["manifest.json"], signature, installation_key())
    assert not is_signed(inside["manifest.json"] + b" ", signature, installation_key())


def test_two_exports_of_the_same_rows_have_the_same_hashes(west, tmp_path):
    first, second = (manifest(export(west, tmp_path / name))["members"] for name in ("1.tar", "2.tar"))
    about_itself = ("public/event.csv", "public/platform_audit_entry.csv")  # tell of the first export
    assert [e for e in first if e["member"] not in about_itself] == [e for e in second if e["member"] not in about_itself]


def test_nothing_sealed_and_nothing_of_another_clinic_is_readable_in_it(west, south, tmp_path):
    fill(south, "Southerner")
    path = export(west, tmp_path / "west.tar", with_people=True)
    data = path.read_bytes()
    found = [word for word in (b"Mira", b"Neill", b"ache", b"Noor", b"argon2", b"south", south.id.hex.encode()) if word in data]
    assert found == []
    assert names(west)[0] == "Mira"


def test_people_are_named_by_id_and_with_their_sealed_rows_only_when_asked(west, tmp_path):
    plain, asked = export(west, tmp_path / "1.tar"), export(west, tmp_path / "2.tar", with_people=True)
    columns = [next(e for e in manifest(p)["members"] if e["table"] == "accounts_user") for p in (plain, asked)]
    assert columns[0]["columns"] == ["id"] and columns[0]["rows"] == columns[1]["rows"] == User.objects.count() == 2
    assert "email" in columns[1]["columns"] and "password" not in columns[1]["columns"]


def test_it_sees_one_moment_although_others_write(west):
    with snapshot() as cursor:
        table = rows.describe(cursor, west.schema_name, "patients_patient")
        before = rows.copy_out(cursor, table)
        with in_clinic(west):
            Patient(mrn="LATE-0001", first_name="Late").save()
        assert rows.copy_out(cursor, table) == before
    assert told(west)["clinic/patients_patient.csv"].rows == before.rows + 1


def test_nothing_is_overwritten_and_a_failed_export_leaves_nothing(west, tmp_path, monkeypatch):
    path = export(west, tmp_path / "west.tar")
    data = path.read_bytes()
    with pytest.raises(AlreadyThere):
        export(west, path)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("clinics.services.exporting.rows.copy_out", fail)
    with pytest.raises(RuntimeError):
        export(west, tmp_path / "other.tar")
    assert path.read_bytes() == data
    assert left_in(tmp_path) == ["west.tar"] and path.stat().st_mode & 0o777 == 0o600


def test_a_clinic_without_a_schema_is_refused(committed, tmp_path):
    clinic = order_clinic(slug="moved", name="Not open yet")
    with pytest.raises(NothingThere):
        export_clinic(clinic=clinic, path=tmp_path / "x.tar", say=quiet)
    assert left_in(tmp_path) == []
    clinic.locations.all().delete()
    Clinic.objects.filter(pk=clinic.pk).delete()


def test_the_export_is_an_event_and_on_the_trail(west, tmp_path):
    call_command("clinic_export", "west", str(tmp_path / "west.tar"))
    assert [e.payload for e in EventRecord.objects.filter(name=ClinicExported.__name__)] == [{"clinic_id": str(west.id)}]
    entry = PlatformAuditEntry.objects.get(action="export")
    assert (entry.object_id, entry.clinic_id, entry.purpose) == (str(west.id), west.id, "command:clinic_export")


def test_the_command_refuses_in_one_line(west, tmp_path, capsys):
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery staple")
    secret.chmod(0o644)
    for words, told_line in (
        (("nowhere", str(tmp_path / "a.tar")), "there is no clinic"),
        (("west", str(tmp_path / "no" / "a.tar")), "No such file"),
        (("west", str(tmp_path / "a.tar"), "--with-keys", str(secret)), "chmod 600"),
        (("west", str(tmp_path / "a.tar"), "--with-keys", str(tmp_path / "none")), "can't be read"),
    ):
        with pytest.raises(CommandError, match=told_line):
            call_command("clinic_export", *words)
    assert left_in(tmp_path) == ["secret"]
