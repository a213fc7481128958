"""Are the walls between clinics tight? A part of the matrix in each run of the tests; the whole by the command."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.probe import admin_pages, clinics, jobs, operations, schema, sockets
from healthcare.probe.canaries import Canaries, Canary
from healthcare.probe.judging import Cell, leaks
from healthcare.probe.probing import sampled
from healthcare.probe.world import world

pytestmark = pytest.mark.parallel


def test_a_sample_of_the_matrix_shows_no_leak(probe):
    result = probe.run(sampled(2.5, seed=7))
    assert [f"{v.cell.label}: {v.faults}" for v in result.faults] == []
    assert (result.doubts, result.changed) == ([], [])
    assert len(result.verdicts) > 400
    assert {"path", "header", "token", "body", "cursor", "filter", "idempotency", "admin page"} <= set(result.counted("place"))


def test_every_job_refuses_ids_of_another_clinic(probe):
    result = probe.run(lambda trial: trial.place == "job")
    assert [f"{v.cell.label}: {v.faults}" for v in result.faults] == []
    assert {v.cell.operation for v in result.verdicts} == {f"job {name}" for name in jobs.CLINIC_JOBS}


def test_sockets_let_nobody_into_a_room_of_another_clinic(probe):
    result = probe.run(lambda trial: trial.place == "socket" and trial.role in ("nurse", "patient", "super_admin"))
    assert [f"{v.cell.label}: {v.faults}" for v in result.faults] == []
    assert {200, 4401, 4403, 4404} == {v.status for v in result.verdicts}


def test_screens_see_their_own_queues_only(probe):
    result = probe.run(lambda trial: trial.role == "display")
    assert [f"{v.cell.label}: {v.faults}" for v in result.faults] == []
    assert {v.cell.place for v in result.verdicts} == {"path", "header", "socket"}


@pytest.mark.django_db
def test_everything_there_is_has_a_row():
    assert (schema.read()[1], admin_pages.classified()[1], jobs.unclassified(), sockets.unclassified()) == ([], [], [], [])


@pytest.mark.django_db
def test_a_new_operation_without_a_row_fails_the_probe(monkeypatch):
    monkeypatch.delitem(operations.OPERATIONS, "GET /patients")
    monkeypatch.setitem(operations.OPERATIONS, "GET /gone", operations.Op("open", operations.Place.PLATFORM))
    assert schema.read()[1] == [
        "GET /patients: no row in healthcare/probe/operations.py",
        "GET /gone: has a row, but is no operation (any more)",
    ]


@pytest.mark.django_db
def test_a_row_that_leaves_an_id_out_fails_the_probe(monkeypatch):
    row = operations.OPERATIONS["POST /queues/{queue_id}/tokens"]
    monkeypatch.setitem(operations.OPERATIONS, "POST /queues/{queue_id}/tokens", row._replace(ids={}, body={}))
    assert schema.read()[1] == [
        "POST /queues/{queue_id}/tokens: its row does not say what queue_id (path) is an id of",
        "POST /queues/{queue_id}/tokens: its row does not say what the body's patient is an id of",
    ]


def test_a_new_job_or_admin_page_without_a_row_fails_the_probe(monkeypatch):
    monkeypatch.delitem(jobs.CLINIC_JOBS, "queue.close")
    monkeypatch.delitem(admin_pages.PAGES, "queue_board")
    monkeypatch.delitem(sockets.SOCKETS, "ws/queues/<uuid:queue_id>")
    assert jobs.unclassified() == ["job queue.close: no row in healthcare/probe/jobs.py"]
    assert admin_pages.classified()[1] == ["admin /admin/queue/board/: no row in healthcare/probe/admin_pages.py"]
    assert sockets.unclassified() == ["socket ws/queues/<uuid:queue_id>: no row in healthcare/probe/sockets.py"]


def test_a_sample_is_the_same_for_the_same_seed(probe):
    names = [[t[:3] for t in probe.trials() if sampled(2, seed)(t)] for seed in (3, 3, 4)]
    assert names[0] == names[1] != names[2]


def test_a_word_is_a_leak_where_the_caller_is_nobody_and_where_the_call_is_about_another_clinic():
    stranger = Cell("GET /x", "nurse", "path", "own", "own", named="a", homes=frozenset("a"))
    everywhere = Cell("GET /x", "super_admin", "path", "own", "own", named="a", homes=frozenset("ab"))
    assert leaks(stranger, Canary("b", "row"), 200) == "the caller is nobody there"
    assert leaks(everywhere, Canary("b", "row"), 200) == "the call is about a"
    assert leaks(stranger, Canary("a", "chart", "own"), 200) == ""


def test_a_doctor_may_see_own_patients_and_no_others():
    doctor = Cell("GET /x", "doctor", "path", "own", "own", named="a", homes=frozenset("a"))
    assert leaks(doctor, Canary("a", "chart", "own"), 200) == ""
    assert leaks(doctor, Canary("a", "chart", "sibling"), 200) == "another patient's, and patient.view is for one's own"


def test_canaries_are_found_in_any_spelling_but_not_what_the_caller_said():
    known = Canaries()
    word = known.word("a", "chart")
    known.add("01a20368-f23c-7272-a9b1-f49a3313d53c", Canary("b", "row"))
    text = f"{word.upper()} 01A20368f23c7272a9b1f49a3313d53c"
    assert {canary.clinic for _, canary in known.in_text(text)} == {"a", "b"}
    assert [canary.clinic for _, canary in known.in_text(text, but=["01a20368-f23c-7272-a9b1-f49a3313d53c"])] == ["a"]


def test_production_is_refused(settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="this is production"):
        call_command("isolation_probe")


def test_nothing_of_the_clinics_is_left(probe):
    others = clinics.left_over()
    with world() as made:
        schemas = [house.clinic.schema_name for house in made.houses]
        users = [person.id for house in made.houses for person in house.people.values()]
    with on_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = ANY(%s)", [schemas])
        spaces = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [schemas])
        roles = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM accounts_user WHERE id = ANY(%s)", [users])
        people = cursor.fetchone()
    assert (spaces, roles, people, clinics.left_over()) == ((0,), (0,), (0,), others)


def test_a_row_that_changed_is_noticed(probe):
    from patients.models import Patient

    with in_clinic(probe.world.b.clinic):
        row = Patient.objects.order_by("id")[0]
        Patient.objects.filter(pk=row.pk).update(sex="other")
        try:
            assert probe.world.changed() == [f"{probe.world.b.clinic.slug}.patients_patient"]
        finally:
            Patient.objects.filter(pk=row.pk).update(sex=row.sex)
    assert probe.world.changed() == []
