"""Does a clinic end in two steps, for good, with its trail kept and nobody else touched?"""

import hashlib
import os
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Display, Membership
from clinics.archive.bundle import reading
from clinics.events import ClinicClosed, ClinicEnded
from clinics.models import Clinic, Domain, Tombstone
from clinics.services import ending, restoring, schemas
from clinics.services.ending import close_clinic, end_clinic
from clinics.services.restoring import restore_clinic
from clinics.tests.filled import end, export, fill, is_served, lose, names, quiet, told, untouched
from healthcare.core.crypto import Unreadable, clinic_scope
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry
from patients.models import Patient

pytestmark = pytest.mark.parallel


def left_of(clinic):
    with schemas.owner_cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{clinic.schema_name}%"])
        found = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"{clinic.schema_name}%"])
        return found + [name for (name,) in cursor.fetchall()]


class TestClosing:
    def test_a_closed_clinic_serves_nobody_and_keeps_everything(self, west):
        desk = make.member("receptionist", west)
        before = told(west)
        assert is_served(west, desk) == 200
        close_clinic(clinic=west)
        after = told(west)
        assert is_served(west, desk) == 404
        changed = {name for name in before if before[name] != after[name]}
        assert changed - {"public/accounts_user.csv"} == {"public/clinics_clinic.csv"}  # the desk signed in
        assert [e.payload for e in EventRecord.objects.filter(name=ClinicClosed.__name__)] == [{"clinic_id": str(west.id)}]
        assert PlatformAuditEntry.objects.filter(object_id=str(west.id)).latest("id").changes["state"] == ["open", "closed"]

    def test_closing_twice_gives_the_same_code_and_opening_in_between_another(self, west):
        code = close_clinic(clinic=west)
        assert close_clinic(clinic=west) == code
        opened = Clinic.objects.get(pk=west.pk)
        opened.state = Clinic.State.OPEN
        opened.save()
        assert close_clinic(clinic=west) != code


class TestEnding:
    def test_an_open_clinic_does_not_end(self, west, tmp_path):
        with pytest.raises(ending.NotClosed):
            end_clinic(clinic=west, code=ending.confirmation(west), folder=tmp_path, now=timezone.now(), say=quiet)

    def test_a_wrong_code_and_another_clinics_code_end_nothing(self, west, south, tmp_path):
        close_clinic(clinic=west)
        before = told(west)
        for code in ("", "AAAAAAAA", ending.confirmation(south)):
            with pytest.raises(ending.WrongCode):
                end_clinic(clinic=west, code=code, folder=tmp_path, now=timezone.now(), say=quiet)
        assert told(west) == before and list(tmp_path.iterdir()) == []

    def test_schema_role_keys_and_rights_are_gone_and_a_tombstone_stays(self, west, tmp_path):
        ended = end(west, tmp_path)
        assert left_of(west) == []
        assert not WrappedKey.objects.filter(clinic=west.id, destroyed_at=None).exists()
        assert {bytes(row.wrapped) for row in WrappedKey.objects.filter(clinic=west.id)} == {b""}
        with on_platform():
            assert not Membership.objects.filter(clinic=west, ended_at=None).exists()
            assert not Display.objects.filter(clinic=west, revoked_at=None).exists()
            assert not Domain.objects.filter(tenant=west).exists()
            assert set(Job.objects.filter(clinic_id=west.id).values_list("state", flat=True)) == {"cancelled"}
            kept = Tombstone.objects.get(clinic=west)
        assert (kept.keys_destroyed, kept.audit_sha256) == (ended.keys_destroyed, ended.audit_sha256)
        assert kept.ended_at is not None and kept.keys_destroyed >= 5
        assert Clinic.objects.get(pk=west.pk).state == "closed"
        assert EventRecord.objects.filter(name=ClinicEnded.__name__).count() == 1

    def test_the_trail_lies_in_a_file_with_its_hash(self, west, tmp_path):
        count = told(west, without=())["clinic/audit_entry.csv"].rows
        ended = end(west, tmp_path)
        path = tmp_path / ended.audit_file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == ended.audit_sha256
        with reading(path) as reader:
            entries = {e["table"]: e["rows"] for e in reader.prove()["members"]}
        assert (entries["audit_entry"], ended.audit_rows) == (count, count)
        assert count > 5 and entries["platform_audit_entry"] > 0

    def test_an_audit_file_is_no_clinic_to_restore(self, west, tmp_path):
        ended = end(west, tmp_path)
        with pytest.raises(restoring.Damaged, match="archive_damaged"):
            restore_clinic(path=tmp_path / ended.audit_file, say=quiet)

    def test_other_clinics_are_hash_equal_before_and_after(self, west, north, south, tmp_path):
        fill(south, "Southerner")
        with untouched(north, south):
            end(west, tmp_path)
        assert names(south)[0] == "Southerner"

    def test_ending_twice_is_refused(self, west, tmp_path):
        end(west, tmp_path)
        for step in (lambda: close_clinic(clinic=west), lambda: end(west, tmp_path)):
            with pytest.raises(ending.EndedAlready):
                step()

    @pytest.mark.parametrize("moment", ["keys.destroy_clinic", "drop_schema", "grants.drop_role", "_bury"])
    def test_a_kill_on_the_way_is_made_good_by_the_next_run_and_loses_no_trail(self, moment, west, south, tmp_path):
        fill(south, "Southerner")
        code, count = close_clinic(clinic=west), told(west, without=())["clinic/audit_entry.csv"].rows
        words = [sys.executable, "-c", KILLED, str(west.id), code, str(tmp_path), moment]
        with untouched(south):
            assert subprocess.run(
                words, env={**os.environ, "DJANGO_SETTINGS_MODULE": "healthcare.settings"}, check=False
            ).returncode == (-signal.SIGKILL)
            keys.forget()
            ended = end_clinic(clinic=west, code=code, folder=tmp_path, now=timezone.now(), say=quiet)
        assert (left_of(west), ended.audit_rows) == ([], count)
        assert [file.name for file in tmp_path.iterdir()] == [ended.audit_file]


# kill -9 when the named step is about to begin
KILLED = """
import os, signal, sys, django
django.setup()
from functools import reduce
from pathlib import Path
from django.utils import timezone
from clinics.models import Clinic
from clinics.services import ending
*way, name = sys.argv[4].split(".")
setattr(reduce(getattr, way, ending), name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
clinic = Clinic.objects.get(pk=sys.argv[1])
ending.end_clinic(clinic=clinic, code=sys.argv[2], folder=Path(sys.argv[3]), now=timezone.now())
"""


class TestForGood:
    def test_an_old_export_is_refused_after_the_end(self, west, tmp_path):
        path = export(west, tmp_path / "west.tar")
        end(west, tmp_path)
        with pytest.raises(restoring.Ended):
            restore_clinic(path=path, replace=True, say=quiet)
        lose(west)  # and where not even the tombstone is left
        with pytest.raises(restoring.KeysGone):
            restore_clinic(path=path, say=quiet)

    @pytest.mark.parametrize("passphrase", [None, "correct horse battery staple"])
    def test_an_old_export_that_is_restored_nevertheless_is_unreadable_even_with_its_keys(self, passphrase, west, tmp_path):
        path = export(west, tmp_path / "west.tar", passphrase=passphrase)
        before = told(west)["clinic/patients_patient.csv"]
        end(west, tmp_path)
        restore_clinic(path=path, replace=True, unreadable=True, passphrase=passphrase, say=quiet)
        assert told(west)["clinic/patients_patient.csv"] == before
        assert Clinic.objects.get(pk=west.pk).state == "closed"
        keys.forget()
        with in_clinic(west):
            for chart in Patient.objects.all():
                with pytest.raises(Unreadable):
                    _ = chart.first_name
        with pytest.raises(Unreadable):
            keys.newest(clinic_scope(west.id))


class TestCommand:
    def test_two_steps_end_it(self, west, tmp_path, capsys):
        call_command("clinic_delete", "west")
        said = capsys.readouterr().out
        code = said.split("--confirm ")[1].split()[0]
        assert "closed" in said and left_of(west) == [west.schema_name] * 2
        call_command("clinic_delete", "west", "--confirm", code, "--archive-to", str(tmp_path))
        assert "has ended" in capsys.readouterr().out and left_of(west) == []

    def test_it_refuses_in_one_line(self, west, tmp_path):
        with pytest.raises(CommandError, match="there is no clinic"):
            call_command("clinic_delete", "nowhere")
        with pytest.raises(CommandError, match="--archive-to"):
            call_command("clinic_delete", "west", "--confirm", "AAAAAAAA")
        with pytest.raises(CommandError, match="not closed"):
            call_command("clinic_delete", "west", "--confirm", "AAAAAAAA", "--archive-to", str(tmp_path))
