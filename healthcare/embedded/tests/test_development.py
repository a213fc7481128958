"""Does the development product, once there, survive kills and changes, and end without a trace?"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from healthcare.embedded import processes
from healthcare.embedded.environment import ROOT
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import free_port, is_free
from healthcare.embedded.product import clean_environment
from healthcare.embedded.tests.conftest import Run, launch, processes_of, seen

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("started_before")]


def until(wanted: Callable[[], object], patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if wanted():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"did not come true in {patience} s")


def kill(copy: Path, name: str) -> int:
    running = processes.recorded(copy / ".local" / "dev" / "run" / f"{name}.json")
    assert running is not None, f"{name} does not run"
    os.kill(running[0].pid, signal.SIGKILL)
    return running[0].pid


def test_a_start_for_another_port_is_refused_while_it_runs(run: Run) -> None:
    run("dev", "start")
    other = run("dev", "start", PORT=str(free_port()))
    assert other.returncode == 1
    assert "it runs already, on port" in other.stderr


def test_killed_programs_and_services_come_back(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    for name in ("web", "worker", "ticker", "postgres", "redis"):
        record = copy / ".local" / "dev" / "run" / f"{name}.json"
        killed = kill(copy, name)
        until(lambda: (now := processes.recorded(record)) and now[0].pid != killed)  # noqa: B023
    until(lambda: seen(port)["status"] == "ok")


@pytest.mark.parametrize("name", ["supervisor", "web", "postgres"])
def test_stop_ends_everything_after_a_kill(copy: Path, run: Run, port: int, name: str) -> None:
    run("dev", "start")
    kill(copy, name)
    assert run("dev", "stop").returncode == 0
    assert processes_of(copy) == []
    assert is_free(port)


def test_stop_ends_everything_after_the_records_are_lost(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    for record in (copy / ".local" / "dev" / "run").iterdir():
        record.unlink()
    run("dev", "stop")
    assert processes_of(copy) == []
    assert is_free(port)


def test_start_takes_over_from_a_killed_supervisor(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    kill(copy, "supervisor")
    started = run("dev", "start")
    assert started.returncode == 0, started.stderr
    assert len([one for one in processes_of(copy) if "uvicorn" in one]) == 1


def test_ended_programs_are_let_go_of(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    supervisor = processes.recorded(copy / ".local" / "dev" / "run" / "supervisor.json")
    assert supervisor is not None
    for _ in range(3):
        before = seen(port)["pid"]
        kill(copy, "web")
        until(lambda: seen(port)["pid"] != before)  # noqa: B023
    assert zombies_of(supervisor[0].pid) == []


def zombies_of(parent: int) -> list[int]:
    stats = [file.read_text().rpartition(")") for file in Path("/proc").glob("[0-9]*/stat") if file.exists()]
    return [int(head.split()[0]) for head, _, rest in stats if rest.split()[0] == "Z" and int(rest.split()[1]) == parent]


def test_changed_code_is_served_by_new_processes(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    before = seen(port)["pid"]
    time.sleep(1.0)  # the watcher needs a moment to begin
    (copy / "healthcare" / "core" / "new.py").write_text("NEW = True\n")
    until(lambda: seen(port)["pid"] != before)
    assert "new.py changed" in (copy / ".local" / "dev" / "log" / "supervisor.log").read_text()


def test_broken_code_is_tried_again_until_it_is_mended(copy: Path, run: Run, port: int) -> None:
    run("dev", "start")
    code = copy / "healthcare" / "asgi.py"
    sound = code.read_text()
    time.sleep(1.0)
    code.write_text("this is no Python\n")
    until(lambda: "web ended" in (copy / ".local" / "dev" / "log" / "supervisor.log").read_text())
    code.write_text(sound)
    until(lambda: seen(port)["status"] == "ok")


def test_an_ailing_product_is_told_by_status(copy: Path, run: Run) -> None:
    run("dev", "start")
    (copy / "ill").touch()
    status = run("dev", "status")
    assert status.returncode == 1
    assert "200 degraded (database)" in status.stdout


def test_logs_show_one_program_or_all(run: Run) -> None:
    run("dev", "start")
    assert "Uvicorn running" in run("dev", "logs", "web").stdout
    assert "postgres   | " in run("dev", "logs").stdout
    unknown = run("dev", "logs", "nothing")
    assert (unknown.returncode, "there is no log 'nothing'" in unknown.stderr) == (1, True)


def test_a_copied_folder_does_not_touch_the_original_s_processes(copy: Path, run: Run, port: int, tmp_path: Path) -> None:
    run("dev", "start")
    twin = tmp_path / "twin"
    shutil.copytree(copy, twin, ignore=shutil.ignore_patterns("postgres"))
    assert launch(twin, "dev", "stop", env=clean_environment(ROOT)).stdout == "not running\n"
    assert seen(port)["status"] == "ok"
    assert Profile("dev", twin).title != Profile("dev", copy).title
