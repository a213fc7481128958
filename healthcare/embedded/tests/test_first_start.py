"""Does the development product begin from nothing, refuse in one line what can't be, and end as it began?"""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from healthcare.embedded.ports import is_free
from healthcare.embedded.tests.conftest import Run, processes_of, seen

pytestmark = pytest.mark.e2e


def test_start_brings_the_product_up_and_stop_leaves_nothing(copy: Path, run: Run, port: int) -> None:
    started = run("dev", "start")
    assert started.returncode == 0, started.stderr
    assert f"http://127.0.0.1:{port}/queue-dashboard" in started.stdout
    assert "doctor@sunrise.example" in started.stdout
    assert seen(port)["BASE_URL"] == f"http://127.0.0.1:{port}"
    assert seen(port)["HEALTHCARE_ENV"] == "development"
    status = run("dev", "status")
    assert status.returncode == 0
    assert "stopped" not in status.stdout
    assert run("dev", "stop").stdout == "stopped\n"
    assert processes_of(copy) == []
    assert is_free(port)
    assert run("dev", "status").returncode == 3


def test_two_starts_at_once_share_one_server(copy: Path, run: Run, port: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: run("dev", "start"), range(2)))
    assert [one.returncode for one in both] == [0, 0], [one.stderr for one in both]
    assert len([one for one in processes_of(copy) if "uvicorn" in one]) == 1
    assert len([one for one in processes_of(copy) if " supervise" in one]) == 1


def test_a_busy_port_is_named_with_its_holder(copy: Path, run: Run, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        started = run("dev", "start")
    assert started.returncode == 1
    assert started.stderr.count("\n") == 1
    assert f"port {port} is in use by" in started.stderr
    assert f"(pid {os.getpid()})" in started.stderr
    assert processes_of(copy) == []


@pytest.mark.parametrize("value", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused_in_one_line(run: Run, value: str) -> None:
    started = run("dev", "start", PORT=value)
    assert (started.returncode, started.stderr.count("\n")) == (1, 1)
    assert "PORT must be a number" in started.stderr


def test_production_is_not_started_as_development(run: Run) -> None:
    started = run("dev", "start", HEALTHCARE_ENV="production")
    assert (started.returncode, started.stderr.count("\n")) == (1, 1)
    assert "./run.sh prod start" in started.stderr


def test_a_malformed_env_file_is_told_with_its_line(copy: Path, run: Run) -> None:
    (copy / ".env").write_text("LOG_LEVEL=INFO\nnonsense\n")
    started = run("dev", "start")
    assert (started.returncode, started.stderr.count("\n")) == (1, 1)
    assert ".env line 2: expected NAME=value" in started.stderr


def test_a_failing_migration_is_told_in_one_line_and_nothing_serves(copy: Path, run: Run, port: int) -> None:
    (copy / "fail-migrate_clinics").touch()
    started = run("dev", "start")
    assert started.returncode == 1
    assert "manage.py migrate_clinics failed: migrate_clinics went wrong" in started.stderr
    assert is_free(port)


def test_the_seed_is_sown_once_a_day_and_again_when_it_or_the_database_is_new(copy: Path, run: Run) -> None:
    def sown() -> int:
        return (copy / "seedings").read_text().count("one")

    run("dev", "start")
    assert run("dev", "restart").returncode == 0
    assert sown() == 1
    (copy / "healthcare" / "demo").mkdir()
    (copy / "healthcare" / "demo" / "names.py").write_text("NAMES = ()\n")
    run("dev", "restart")
    assert sown() == 2
    run("dev", "reset", "--yes")
    run("dev", "start")
    assert sown() == 3


def test_reset_deletes_the_data_and_says_so(copy: Path, run: Run) -> None:
    run("dev", "start")
    done = run("dev", "reset", "--yes")
    assert done.stdout == f"stopped and deleted {copy}/.local/dev\n"
    assert not (copy / ".local" / "dev").exists()
    assert processes_of(copy) == []
