"""Does one clinic come back exactly, or not at all, while the others stay as they are?"""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import Display, Membership, User
from clinics.archive import incoming
from clinics.models import Clinic, Domain, Location
from clinics.services import restoring, schemas
from clinics.services.exporting import snapshot
from clinics.tests.filled import (
    entries,
    export,
    fill,
    is_served,
    lose,
    names,
    restore,
    schemas_of,
    shape,
    told,
    untouched,
)
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry
from monitoring.seals import anchors, chains
from monitoring.seals.sealing import seal
from monitoring.seals.verifying import verify
from monitoring.trail.models import ClinicAuditEntry
from patients.models import Patient

pytestmark = pytest.mark.parallel


def break_it(clinic):
    with schemas.owner_cursor() as cursor:
        cursor.execute(f'DROP TABLE "{clinic.schema_name}".queue_token CASCADE')
        cursor.execute(f"UPDATE \"{clinic.schema_name}\".patients_patient SET mrn = 'BROKEN-' || right(id::text, 8)")


class TestWhole:
    def test_a_clinic_that_is_gone_comes_back_hash_equal_with_its_walls_and_is_served(self, west, south, archive):
        fill(south, "Southerner")
        whole = ("event", "platform_audit_entry")
        before, built, read = told(west, without=whole), shape(west), names(west)
        desk = make.member("receptionist", west)
        with untouched(south):
            lose(west)
            assert schemas_of(west) == []
            done = restore(archive)
        assert {**told(west, without=whole), "public/accounts_user.csv": None} == {**before, "public/accounts_user.csv": None}
        assert shape(west) == built and names(west) == read
        assert (done.kept, done.tables) == (0, len(entries(archive)))
        with on_platform():
            Membership(user_id=desk.user_id, clinic_id=west.id, role="receptionist").save()
        assert is_served(west, desk) == 200

    def test_a_broken_clinic_is_replaced_and_nothing_of_the_old_stays(self, west, south, archive):
        fill(south, "Southerner")
        before, built, read = told(west), shape(west), names(west)
        break_it(west)
        with on_platform():
            Location.objects.filter(clinic=west).update(name="Renamed")
            Clinic.objects.filter(pk=west.pk).update(name="Renamed")
        with untouched(south):
            restore(archive, replace=True)
        assert (told(west), shape(west), names(west)) == (before, built, read)
        assert schemas_of(west) == [west.schema_name]

    def test_the_trail_goes_on_and_its_seals_still_verify(self, west, archive, tmp_path, settings):
        settings.AUDIT_ANCHORS = [str(tmp_path)]
        chain = chains.of_clinic(west)
        with in_clinic(west):
            make.patient(first_name="Since")
        seal(chain)
        with in_clinic(west):
            before = set(ClinicAuditEntry.objects.values_list("number", "id"))
        restore(archive, replace=True)
        with in_clinic(west):
            assert before <= set(ClinicAuditEntry.objects.values_list("number", "id"))
            assert "Since" not in str(names(west))
            make.patient(first_name="Next")
        seal(chain)
        with snapshot() as cursor:
            assert verify(chain, cursor, anchors.of(chain.name)).findings == []

    def test_a_trail_that_was_lost_with_its_clinic_says_so_under_seal(self, west, archive, tmp_path, settings):
        settings.AUDIT_ANCHORS = [str(tmp_path)]
        chain = chains.of_clinic(west)
        seal(chain)
        lose(west)
        restore(archive)
        seal(chain)
        with snapshot() as cursor:
            verdict = verify(chain, cursor, anchors.of(chain.name))
        assert verdict.findings == []
        assert "the clinic was put back from an archive: seals 1 to 1" in verdict.notes[0]

    def test_a_clinic_that_is_there_is_not_replaced_unasked(self, west, archive):
        before = told(west)
        with pytest.raises(restoring.StillThere):
            restore(archive)
        assert told(west) == before

    def test_what_is_written_next_finds_numbers_and_links_in_order(self, west, archive):
        lose(west)
        restore(archive)
        with schemas.owner_cursor() as cursor:
            cursor.execute(
                f"INSERT INTO \"{west.schema_name}\".django_migrations (app, name, applied) VALUES ('x', 'y', now())"
            )
            cursor.execute(f"DELETE FROM \"{west.schema_name}\".django_migrations WHERE app = 'x'")
        with in_clinic(west):
            assert Patient.objects.create(mrn="NEXT-0001", first_name="Next").first_name == "Next"

    def test_rights_that_were_taken_or_given_since_stay_as_they_are_now(self, west, archive):
        with on_platform():
            ended = Membership.objects.filter(clinic=west, role="doctor").get()
            ended.ended_at = west.created_at
            ended.save()
            Display.objects.filter(clinic=west).update(revoked_at=west.created_at)
        nurse = make.member("nurse", west)
        done = restore(archive, replace=True)
        with on_platform():
            assert Membership.objects.get(pk=ended.pk).ended_at == west.created_at
            assert Display.objects.get(clinic=west).revoked_at == west.created_at
            assert Membership.objects.filter(clinic=west, user_id=nurse.user_id, ended_at=None).exists()
        assert done.kept == 2

    def test_a_person_who_is_gone_comes_back_without_a_password(self, west, archive):
        with on_platform():
            someone = Membership.objects.get(clinic=west, role="patient").user
        lose(west)
        with schemas.owner_cursor() as cursor:
            cursor.execute("DELETE FROM accounts_user WHERE id = %s", [someone.pk])
        restore(archive)
        back = User.objects.get(pk=someone.pk)
        assert (back.email, back.has_usable_password()) == (someone.email, False)

    def test_people_who_are_named_only_by_id_must_be_here(self, west, tmp_path):
        path = export(west, tmp_path / "ids.tar")
        lose(west)
        with schemas.owner_cursor() as cursor:
            cursor.execute("DELETE FROM accounts_user")
        with pytest.raises(incoming.UnknownPeople) as refused:
            restore(path)
        assert refused.value.detail.startswith("2 people")
        assert schemas_of(west) == []

    def test_the_restore_is_on_the_trail(self, west, archive):
        call_command("clinic_restore", str(archive), "--replace")
        entry = PlatformAuditEntry.objects.get(purpose="command:clinic_restore", action="update")
        assert (entry.object_id, entry.changes) == (str(west.id), {"schema": [None, "restored"]})


class TestOthers:
    def test_a_host_name_that_another_clinic_has_now_is_not_taken_from_it(self, west, south, archive):
        before = told(west)
        with on_platform():
            Domain.objects.filter(tenant=west).update(tenant=south)
        with pytest.raises(restoring.DatabaseRefused) as refused:
            restore(archive, replace=True)
        assert "UniqueViolation" in refused.value.detail and "west" not in refused.value.detail
        with on_platform():
            assert Domain.objects.get(domain="west.hospital.example").tenant_id == south.id
            Domain.objects.filter(tenant=south).update(tenant=west)
        assert told(west) == before

    def test_a_slug_that_another_clinic_has_now_is_refused(self, west, archive):
        lose(west)
        other = Clinic(slug="west", name="Another West")
        other.save()
        with pytest.raises(restoring.DatabaseRefused):
            restore(archive)
        assert schemas_of(west) == [] and not Clinic.objects.filter(pk=west.pk).exists()

    def test_other_clinics_are_read_and_written_while_one_is_restored(self, west, south, archive):
        desk, times, stop = make.member("receptionist", south), [], threading.Event()

        def work():
            try:
                while not stop.is_set():
                    began = time.monotonic()
                    with transaction.atomic(), in_clinic(south):
                        Patient(mrn=new_id().hex[-12:], first_name="Busy").save()
                    with on_platform():
                        make.person()
                    assert is_served(south, desk) == 200
                    times.append(time.monotonic() - began)
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        while not times:
            time.sleep(0.01)
        for _ in range(3):
            restore(archive, replace=True)
        stop.set()
        thread.join()
        assert len(times) > 5 and max(times) < 2

    def test_two_restores_of_one_clinic_do_not_meet(self, west, archive):
        with schemas.owner_cursor() as cursor, transaction.atomic(using=schemas.OWNER):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [west.id.int >> 66])
            words = [sys.executable, "-m", "django", "clinic_restore", str(archive), "--replace"]
            ran = subprocess.run(words, env=child(), capture_output=True, text=True, check=False)
        assert ran.returncode != 0 and "Another restore of this clinic is running" in ran.stderr

    def test_a_migration_that_runs_is_told_of_and_nothing_changes(self, west, archive):
        before = told(west)
        code = "import django; django.setup(); from clinics.services import restoring; restoring.TRIES = 2\n"
        code += "from django.core.management import call_command; call_command('clinic_restore', {!r}, '--replace')"
        code = f"try:\n  exec({code.format(str(archive))!r})\nexcept Exception as error:\n  print(error)"
        with schemas.owner_cursor() as cursor, transaction.atomic(using=schemas.OWNER):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [schemas.LOCK])
            ran = subprocess.run([sys.executable, "-c", code], env=child(), capture_output=True, text=True, check=False)
        assert "Schemas are being migrated" in ran.stdout and told(west) == before


def child():
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "healthcare.settings"}


# the moments: after the n-th line it says
KILLED = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from clinics.services import restoring
count = 0
def say(line):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "swapped":
    calls = []  # the first is before the exchange, the second after it
    restoring.forget_clinics = lambda: calls.append(1) or (len(calls) > 1 and os.kill(os.getpid(), signal.SIGKILL))
    sys.argv[2] = "0"
restoring.restore_clinic(path=Path(sys.argv[1]), replace=True, say=say)
"""


class TestKilled:
    @pytest.mark.parametrize("moment", ["1", "12", "24"])
    def test_a_kill_on_the_way_leaves_the_old_state_and_the_next_run_completes(self, moment, west, archive):
        before, built = told(west), shape(west)
        with in_clinic(west):
            Patient(mrn="SINCE-0001", first_name="Since").save()
        now = told(west)
        ran = subprocess.run([sys.executable, "-c", KILLED, str(archive), moment], env=child(), check=False)
        assert ran.returncode == -signal.SIGKILL
        wait_for_rollback(west)
        assert (told(west), shape(west), schemas_of(west)) == (now, built, [west.schema_name])
        restore(archive, replace=True)
        assert told(west) == before

    def test_a_kill_after_the_swap_leaves_the_new_state_and_the_next_run_clears_the_old_away(self, west, archive):
        before = told(west)
        with in_clinic(west):
            Patient(mrn="SINCE-0001", first_name="Since").save()
        ran = subprocess.run([sys.executable, "-c", KILLED, str(archive), "swapped"], env=child(), check=False)
        assert ran.returncode == -signal.SIGKILL
        assert told(west) == before and schemas_of(west) == [west.schema_name, f"{west.schema_name}_aside"]
        restore(archive, replace=True)
        assert schemas_of(west) == [west.schema_name]


def wait_for_rollback(clinic):
    """The server notices a dead client when it next talks to it."""
    with schemas.owner_cursor() as cursor:
        for _ in range(100):
            cursor.execute("SELECT pg_try_advisory_lock(%s) AND pg_advisory_unlock(%s)", [clinic.id.int >> 66] * 2)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    pytest.fail("the killed restore's transaction is still open")
