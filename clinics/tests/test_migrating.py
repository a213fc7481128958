"""Do all schemas come up to date, whole or not at all, whatever fails or is killed on the way?"""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinics.grants import drop_role
from clinics.models import Clinic, Location
from clinics.services import schemas
from clinics.services.migrating import BreaksRunningCode, NoSuchCanary, bring_up_to_date
from clinics.tests.synthetic import ROOT, Package, add_indexed_column, schemas_with
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import TEMPLATE_SCHEMA, forget_clinics, in_clinic
from monitoring.models import PlatformAuditEntry
from patients.models import Patient

pytestmark = pytest.mark.parallel
FAILS_IN = (
    "migrations.RunSQL(\"DO $$ BEGIN IF current_schema() = '{schema}' THEN RAISE EXCEPTION 'secret'; END IF; END $$\","
    " 'SELECT 1')"
)


@pytest.fixture
def package(committed, tmp_path, settings, monkeypatch, request):
    """Migrations of our own for `patients`, in this process too."""
    made = Package.made(tmp_path, f"synthetic_{abs(hash(request.node.name))}")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"patients": made.name}
    yield made
    with schemas.owner_cursor() as cursor:
        made.undo(cursor)


@pytest.fixture
def west(committed):
    """A third clinic, gone afterwards."""
    call_command("clinic_create", "west", "West", stdout=io.StringIO())
    clinic = Clinic.objects.get(slug="west")
    yield clinic
    Location.objects.filter(clinic=clinic).delete()
    with schemas.owner_cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{clinic.schema_name}" CASCADE')
        drop_role(cursor, clinic.schema_name)
    Clinic.objects.filter(pk=clinic.pk).delete()
    forget_clinics()


def state_of(number):
    with schemas.owner_cursor() as cursor:
        return schemas_with(cursor, number)


def everywhere(*clinics):
    return {TEMPLATE_SCHEMA, *(clinic.schema_name for clinic in clinics)}


def quietly(line):
    pass


def test_a_new_migration_reaches_the_template_and_every_clinic_and_is_reported(package, north, south, tmp_path):
    name = package.add(add_indexed_column(9001))
    code, said = package.run("--processes", "2", "--json", str(tmp_path / "report.json"))
    assert code == 0, said
    assert state_of(9001) == (everywhere(north, south),) * 2
    report = json.loads((tmp_path / "report.json").read_text())["outcomes"]
    assert {row["clinic"]: (row["outcome"], row["migrations"]) for row in report} == {
        clinic: ("applied", [name]) for clinic in ("", "north", "south")
    }
    assert bring_up_to_date(say=quietly) == []


def test_a_clinic_where_it_fails_is_whole_as_before_and_the_others_go_on(package, north, south, west):
    first = package.add('migrations.AlterModelOptions("patient", {})')
    package.add(f"{add_indexed_column(9002)}, {FAILS_IN.format(schema=south.schema_name)}")
    outcomes = bring_up_to_date(say=quietly, canary="west")
    assert {row.clinic: row.outcome for row in outcomes} == {
        "": "applied",
        "west": "applied",
        "north": "applied",
        "south": "failed",
    }
    assert state_of(9002) == (everywhere(north, west),) * 2
    (failed,) = [row for row in outcomes if not row.good]
    assert failed.migrations == [first]
    assert failed.error == "ProgrammingError sqlstate P0001"  # never the text, which may quote a row
    with pytest.raises(CommandError, match="1 failed"):
        call_command("migrate_clinics", processes=1, canary="south", stdout=io.StringIO())


def test_a_canary_that_fails_stops_the_run(package, north, south):
    package.add(f"{add_indexed_column(9001)}, {FAILS_IN.format(schema=south.schema_name)}")
    outcomes = bring_up_to_date(say=quietly, canary="south")
    assert {row.clinic: row.outcome for row in outcomes} == {"": "applied", "south": "failed", "north": "not tried"}
    assert state_of(9001) == ({TEMPLATE_SCHEMA},) * 2


def test_an_unknown_canary_stops_before_anything_runs(package, north):
    package.add(add_indexed_column(9001))
    with pytest.raises(NoSuchCanary):
        bring_up_to_date(say=quietly, canary="nowhere")
    assert state_of(9001) == (set(), set())


def test_what_breaks_running_code_is_refused_before_anything_runs(package, north):
    package.add(add_indexed_column(9001))
    package.add('migrations.RemoveField("patient", "sex")')
    with pytest.raises(BreaksRunningCode) as refused:
        bring_up_to_date(say=quietly, allowed={"patients.9001": "not that one at all"})
    assert [(d.migration, d.operation) for d in refused.value.dangers] == [
        ("patients.9002_synthetic", "RemoveField patient.sex")
    ]
    assert state_of(9001) == (set(), set())


def test_with_a_reason_it_runs_and_the_reason_is_on_record(package, north, south):
    package.add(add_indexed_column(9001) + ', migrations.RunSQL("SELECT 1")')
    bring_up_to_date(say=quietly, allowed={"patients.9001": "touches nothing, tried on a copy"})
    assert state_of(9001) == (everywhere(north, south),) * 2
    entry = PlatformAuditEntry.objects.get(object_type="clinics.migration")
    assert (entry.object_id, entry.purpose) == ("patients.9001_synthetic", "touches nothing, tried on a copy")
    assert EventRecord.objects.get(name="MigrationAllowed").payload == {"migration": "patients.9001_synthetic"}


def test_what_is_said_to_be_stopped_is_looked_at(package, north):
    package.add('migrations.RunSQL("SELECT 1")')
    other = connection.copy()
    try:
        other.ensure_connection()
        with pytest.raises(BreaksRunningCode, match="breaks_running_code") as refused:
            bring_up_to_date(say=quietly, stopped=True)
        assert "connections open" in refused.value.detail
    finally:
        other.close()


def test_a_reason_says_something():
    with pytest.raises(CommandError, match="a reason has"):
        call_command("migrate_clinics", allow=[["patients.0007", "because"]])


def test_an_index_that_a_kill_left_behind_is_built_anew(package, north, south):
    package.add('migrations.AddField("patient", "synthetic_9001", models.IntegerField(null=True))')
    package.add(
        "AddIndexConcurrently('patient', models.Index(fields=['synthetic_9001'], name='synthetic_beside'))",
        attributes="    atomic = False\n",
    )
    file = package.folder / package.name / "9002_synthetic.py"
    file.write_text("from django.contrib.postgres.operations import AddIndexConcurrently\n" + file.read_text())
    with schemas.owner_cursor() as cursor:
        cursor.execute(f'CREATE INDEX synthetic_beside ON "{south.schema_name}".patients_patient (id)')
    assert {row.outcome for row in bring_up_to_date(say=quietly)} == {"applied"}
    with schemas.owner_cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'synthetic_beside'")
        assert all(text.endswith("(synthetic_9001)") for (text,) in cursor.fetchall())


def test_a_table_that_is_in_use_for_a_moment_is_waited_for(package, north, south):
    package.add(add_indexed_column(9001))
    reading, done = threading.Event(), threading.Event()

    def read():
        with in_clinic(south), schemas.transaction.atomic():
            list(Patient.objects.all())
            reading.set()
            done.wait(2)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(5)
    try:
        assert {row.outcome for row in bring_up_to_date(say=quietly)} == {"applied"}
    finally:
        done.set()
        reader.join()


def test_killed_at_any_moment_under_traffic_nothing_is_half_and_the_next_run_completes(package, north, south, west):
    errors, reads, stop = [], [], threading.Event()

    def read():
        while not stop.is_set():
            for clinic in (north, south, west):
                try:
                    with in_clinic(clinic):
                        reads.append(Patient.objects.count())
                except Exception as error:
                    errors.append(error)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        moments = ((9001, os.killpg, "clinic_template"), (9002, os.kill, "   1/3"))  # the whole family; the parent alone
        for number, kill, moment in moments:
            package.add(add_indexed_column(number))
            killed = package.start("--processes", "2")
            assert any(moment in line for line in killed.stdout)
            kill(killed.pid, signal.SIGKILL)
            killed.wait()
            half = state_of(number)
            code, said = package.run("--processes", "2")
            assert half[0] == half[1] and code == 0, said
            assert state_of(number) == (everywhere(north, south, west),) * 2
    finally:
        stop.set()
        reader.join()
    assert errors == [] and len(reads) > 0


def test_the_stock_command_says_what_to_use_instead():
    words = ["migrate", "patients", "0001", "--fake"]
    done = subprocess.run([sys.executable, ROOT / "manage.py", *words], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "migrate_clinics" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["migrate", "migrate_schemas"])
def test_the_stock_commands_can_t_be_called_from_code_either(name):
    with pytest.raises(CommandError, match="migrate_clinics"):
        call_command(name)


def test_djangos_own_checks_find_nothing_wrong_with_that():
    call_command("check", stdout=io.StringIO())


def test_nothing_owed_takes_a_moment_only(committed):
    begun = time.monotonic()
    assert bring_up_to_date(say=quietly) == []
    assert time.monotonic() - begun < 2
