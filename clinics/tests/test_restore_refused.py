"""Is an archive refused that was changed, cut, made elsewhere or at another level? Before anything happens, and in one line."""

import pytest
from django.core.management import CommandError, call_command

from clinics.archive import bundle, incoming
from clinics.services import restoring, schemas
from clinics.tests.filled import export, manifest, restore, rewritten, schemas_of, told

pytestmark = pytest.mark.parallel


def flipped(members):
    data = bytearray(members["clinic/patients_patient.csv"])
    data[-10] ^= 1
    members["clinic/patients_patient.csv"] = bytes(data)


def shorter(members):
    members["clinic/audit_entry.csv"] = members["clinic/audit_entry.csv"].rsplit(b"\n", 2)[0] + b"\n"


def swapped(members):
    one, other = "clinic/patients_patient.csv", "clinic/appointments_appointment.csv"
    members[one], members[other] = members[other], members[one]


PLANTED = {
    "one bit of a row": (flipped, bundle.Damaged, "patients_patient.csv is not what was written"),
    "a row less": (shorter, bundle.Damaged, "audit_entry.csv is not what was written"),
    "two tables swapped": (swapped, bundle.Damaged, "is not what was written"),
    "a table missing": (lambda m: m.pop("clinic/queue_token.csv"), bundle.Damaged, "lacks clinic/queue_token.csv"),
    "a file more": (lambda m: m.update({"../evil": b"x"}), bundle.Damaged, "does not name"),
    "the manifest changed": (
        lambda m: m.update({"manifest.json": m["manifest.json"].replace(b'"rows": 4', b'"rows": 5')}),
        bundle.NotOurs,
        "not signed",
    ),
    "the signature changed": (lambda m: m.update({"signatures.json": b'{"installation": "00"}'}), bundle.NotOurs, "not signed"),
    "no signature": (lambda m: m.pop("signatures.json"), bundle.Damaged, "lacks signatures.json"),
    "no manifest": (lambda m: m.pop("manifest.json"), bundle.Damaged, "lacks manifest.json"),
    "a manifest that is none": (lambda m: m.update({"manifest.json": b"[]"}), bundle.Damaged, "can't be read"),
}


class TestPlantedFaults:
    @pytest.mark.parametrize("fault", PLANTED)
    def test_a_changed_archive_is_refused_before_anything_happens(self, fault, west, archive):
        change, refusal, line = PLANTED[fault]
        before = told(west)
        with pytest.raises(refusal) as refused:
            restore(rewritten(archive, change), replace=True)
        assert line in refused.value.detail and told(west) == before

    def test_a_member_twice_is_refused(self, west, archive):
        with pytest.raises(bundle.Damaged) as refused:
            restore(rewritten(archive, lambda m: None, twice="clinic/patients_patient.csv"), replace=True)
        assert "twice" in refused.value.detail

    @pytest.mark.parametrize("up_to", [b"", b"clinic/patients_patient.csv", b'"installation"'])
    def test_an_archive_that_ends_early_is_refused(self, up_to, west, archive):
        data = archive.read_bytes()
        archive.write_bytes(data[: data.rindex(up_to)] if up_to else b"")
        with pytest.raises(bundle.Damaged):
            restore(archive, replace=True)

    def test_an_archive_of_another_installation_is_refused(self, west, archive, settings):
        settings.ROOT_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
        with pytest.raises(bundle.NotOurs):
            restore(archive, replace=True)

    def test_the_command_says_it_in_one_line(self, west, archive):
        with pytest.raises(CommandError, match="is not what was written"):
            call_command("clinic_restore", str(rewritten(archive, flipped)), "--replace")

    def test_a_file_can_be_checked_alone(self, west, archive, capsys):
        before = told(west)
        call_command("clinic_restore", str(archive), "--check")
        assert "is as it was written: west as of" in capsys.readouterr().out and told(west) == before
        with pytest.raises(CommandError, match="is not what was written"):
            call_command("clinic_restore", str(rewritten(archive, flipped)), "--check")

    def test_rows_that_change_on_the_way_into_the_database_are_found(self, west, archive, monkeypatch):
        def one_less(self, name):
            data = b"".join(honest(self, name))
            yield data.rsplit(b"\n", 2)[0] + b"\n" if name == "clinic/patients_patient.csv" else data

        honest, before = bundle.Reader.blocks, told(west)
        archive_said = manifest(archive)
        monkeypatch.setattr(bundle.Reader, "prove", lambda self, passphrase: said(self, archive_said))
        monkeypatch.setattr(bundle.Reader, "blocks", one_less)
        with pytest.raises(bundle.Damaged) as refused:
            restore(archive, replace=True)
        assert "the restored table has 3 rows" in refused.value.detail
        assert told(west) == before and schemas_of(west) == [west.schema_name]


def said(reader, manifest):
    reader.manifest = manifest
    return manifest

    @pytest.mark.parametrize("planted", ["public/clinics_clinic.csv", "public/clinics_location.csv"])
    def test_a_signed_archive_that_reaches_for_another_clinic_is_refused(self, planted, west, south, archive, monkeypatch):
        """Somebody with the key: hashes and signature fit, the rows do not."""

        def reaching(self, name):
            data = b"".join(honest(self, name))
            old, new = (west.schema_name, south.schema_name) if "clinics_clinic" in planted else (str(west.id), str(south.id))
            yield data.replace(old.encode(), new.encode()) if name == planted else data

        honest, before, archive_said = bundle.Reader.blocks, (told(west), told(south)), manifest(archive)
        monkeypatch.setattr(bundle.Reader, "prove", lambda self, passphrase: said(self, archive_said))
        monkeypatch.setattr(bundle.Reader, "blocks", reaching)
        monkeypatch.setattr(incoming, "prove", lambda entry, proof, when: None)
        with pytest.raises(bundle.Damaged) as refused:
            restore(archive, replace=True)
        assert "another" in refused.value.detail and (told(west), told(south)) == before


class TestLevels:
    def test_an_archive_of_a_newer_release_is_refused_by_the_name_of_what_is_unknown(self, west, tmp_path):
        migrated(west, "INSERT INTO {} (app, name, applied) VALUES ('patients', '0099_from_the_future', now())")
        path = export(west, tmp_path / "newer.tar")
        with pytest.raises(restoring.OtherLevel) as refused:
            restore(path, replace=True)
        assert "patients.0099_from_the_future" in refused.value.detail

    def test_an_older_archive_is_refused_with_what_to_do(self, west, tmp_path):
        migrated(west, "DELETE FROM {} WHERE app = 'trail' AND name LIKE '0002%%'")
        path = export(west, tmp_path / "older.tar")
        with pytest.raises(restoring.OtherLevel) as refused:
            restore(path, replace=True)
        assert "older than this release" in refused.value.detail and "migrate_clinics" in refused.value.detail

    def test_a_migration_that_comes_while_it_loads_stops_it(self, west, archive, monkeypatch):
        before, levels = told(west), iter([["a.1"], ["a.1", "a.2"]])
        monkeypatch.setattr(restoring, "migrations", lambda cursor, schema: next(levels))
        honest = bundle.Reader.prove
        monkeypatch.setattr(bundle.Reader, "prove", lambda self, p: levelled(honest(self, p), ["a.1"]))
        with pytest.raises(restoring.OtherLevel):
            restore(archive, replace=True)
        assert told(west) == before


def levelled(manifest, level):
    manifest["migrations"] = level
    return manifest


def migrated(clinic, statement):
    with schemas.owner_cursor() as cursor:
        cursor.execute(statement.format(f'"{clinic.schema_name}".django_migrations'))
