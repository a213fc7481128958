"""Does health say what was measured, to whom may it be said?"""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from healthcare.core.job_queues import GROUPS, names
from healthcare.core.models import Heartbeat, Job
from healthcare.core.tenancy import on_platform
from monitoring import health, probes, readiness, walls

pytestmark = pytest.mark.django_db
PARTS = {"database", "keystore", "limits_store", "cache", "broker", "ticker", "workers"}


def away() -> None:
    raise OperationalError("connection to db.internal as healthcare_app refused")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda part: monkeypatch.setitem(probes.PROBES, part, probes.Probe(away))


@pytest.fixture
def working() -> Any:
    """Every worker group and the ticker have just done something."""

    def beat(age: float = 1.0, but: str = "") -> None:
        seen = timezone.now() - timedelta(seconds=age)
        parts = ["ticker", *(f"worker:{group}" for group in GROUPS)]
        with on_platform():
            Heartbeat.objects.bulk_create([Heartbeat(part=part, seen_at=seen) for part in parts if part != but])

    return beat


def get(api: Any, path: str = "/health") -> tuple[int, dict[str, Any]]:
    answer = api().get(path)
    return answer.status_code, json.loads(answer.content)


def test_all_parts_well_is_ok(api: Any, working: Any):
    working()
    status, body = get(api)
    assert (status, body["status"], set(body["parts"])) == (200, "ok", PARTS)
    assert set(body["parts"]["workers"]["groups"]) == set(GROUPS)


def test_before_the_first_work_it_is_starting_and_degraded(api: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    status, body = get(api)
    assert (status, body["status"], body["parts"]["ticker"]["status"]) == (200, "degraded", "starting")


def test_a_part_that_never_worked_is_away_after_a_minute(api: Any, working: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "STARTED", time.monotonic() - 61)
    working(but="worker:care")
    _, body = get(api)
    assert (body["status"], body["parts"]["workers"]["status"]) == ("degraded", "away")
    assert body["parts"]["workers"]["groups"]["care"] == {"status": "away"}


def test_a_part_that_has_not_worked_for_long_is_stale(api: Any, working: Any):
    working(age=46)
    _, body = get(api)
    assert (body["status"], body["parts"]["ticker"]["status"]) == ("degraded", "stale")


@pytest.mark.parametrize("part", ["limits_store", "cache", "broker", "keystore"])
def test_a_store_that_is_away_degrades(part: str, api: Any, working: Any, broken: Any):
    working()
    broken(part)
    status, body = get(api)
    assert (status, body["status"]) == (200, "degraded")
    assert body["parts"][part] == {"status": "away", "error": "OperationalError"}


def test_without_the_database_it_is_503_and_says_no_more_than_a_class_name(api: Any, broken: Any):
    broken("database")
    status, body = get(api)
    assert (status, body["status"], body["parts"]["workers"]["status"]) == (503, "degraded", "unknown")
    assert "db.internal" not in json.dumps(body)


def test_a_part_that_hangs_costs_a_second_and_one_thread(monkeypatch: pytest.MonkeyPatch):
    release, looks = threading.Event(), []

    def hang() -> None:
        looks.append(1)
        release.wait(10)

    monkeypatch.setitem(probes.PROBES, "cache", probes.Probe(hang))
    started = time.monotonic()
    try:
        assert [probes.measure_all()["cache"]["status"] for _ in (1, 2)] == ["away", "away"]
    finally:
        release.set()
    assert time.monotonic() - started < 3
    assert looks == [1]


def test_live_asks_nothing(api: Any):
    with CaptureQueriesContext(connection) as queries:
        assert get(api, "/health/live") == (200, {"status": "ok"})
    assert len(queries) == 0


def test_ready_when_the_database_has_every_migration(api: Any):
    assert get(api, "/health/ready") == (200, {"status": "ready", "database": "ok", "migrations": "ok"})


def test_not_ready_while_a_migration_is_owed(api: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(readiness, "written", lambda: {("clinics", "9999_later")})
    assert get(api, "/health/ready") == (503, {"status": "not_ready", "database": "ok", "migrations": "owed"})


def test_not_ready_without_the_database(api: Any, broken: Any):
    broken("database")
    assert get(api, "/health/ready") == (503, {"status": "not_ready", "database": "away", "migrations": "unknown"})


def test_api_health_counts_what_was_answered(api: Any):
    _, before = get(api, "/health/api")
    _, after = get(api, "/health/api")
    assert after["requests"] - before["requests"] == 1
    assert after["average_ms"] > 0


def test_a_token_of_a_session_that_ended_does_not_hinder_the_open_answers(api: Any):
    answer = api().get("/health/live", headers={"Authorization": "Bearer nonsense", "X-Clinic-ID": "nowhere"})
    assert answer.status_code == 200


@pytest.mark.parametrize("role", ["super_admin", "system_admin"])
def test_operators_see_the_detail(role: str, api: Any, working: Any):
    working()
    answer = api(role, clinic=None).get("/health/detailed")
    body = json.loads(answer.content)
    assert answer.status_code == 200
    assert list(body["queues"]) == names()
    wall = body["walls"]["clinic_roles"]
    assert (wall["status"], wall["why"], wall["clinics"] >= 2) == ("up", [], True)
    assert body["versions"]["postgresql"].startswith("18")
    assert body["pool"]["pool_max"] > 0


@pytest.mark.parametrize("role", ["clinic_admin", "support", "auditor", "patient"])
def test_others_do_not(role: str, api: Any):
    assert api(role).get("/health/detailed").status_code == 403


def test_strangers_do_not(api: Any):
    assert api(clinic=None).get("/health/detailed").status_code == 401


def test_the_depth_of_a_queue_is_counted(api: Any):
    now = timezone.now()
    with on_platform():
        for i, state in enumerate(("ready", "ready", "running", "dead")):
            Job(queue="email", name="x", key=f"k{i}", state=state, due_at=now - timedelta(seconds=30)).save()
        Job(queue="email", name="x", key="done", state="done", due_at=now, finished_at=now).save()
    body = json.loads(api("system_admin", clinic=None).get("/health/detailed").content)
    email = body["queues"]["email"]
    assert {k: email[k] for k in ("waiting", "running", "dead", "done_lately")} == {
        "waiting": 2,
        "running": 1,
        "dead": 1,
        "done_lately": 1,
    }
    assert 30 <= email["oldest_seconds"] < 60
    assert body["workers"]["messages"]["done_lately"] == 1


def test_a_clinic_without_its_role_is_a_wall_that_is_down(north: Any):
    with on_platform():
        type(north).objects.filter(pk=north.pk).update(schema_name="clinic_without_role")
    assert walls.clinic_roles()["why"] == ["clinics without a role of their own"]


def test_switched_off_roles_are_a_wall_that_is_down(north: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(connection.settings_dict, "CLINIC_ROLES", False)
    assert walls.clinic_roles()["status"] == "down"
