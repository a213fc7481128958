"""Which stand-alone profiles and clones do the launcher's tests work on?"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healthcare.embedded import services
from healthcare.embedded.environment import ROOT
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import free_port
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.product import clean_environment
from healthcare.embedded.tests.clone import clone

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test run has services of its own in the environment; here they would count as a person's wish."""
    for name in (*services.SERVICES, "REDIS_HOST", "REDIS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    with profile_in(tmp_path, "trial") as one:
        yield one


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A small clone whose path contains a space; whatever it started is ended afterwards."""
    folder = clone(tmp_path.resolve() / "a clone")
    yield folder
    launch(folder, "dev", "reset", "--yes", env=clean_environment(ROOT))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def run(copy: Path, port: int) -> Run:
    """Call the clone's launcher as run.sh does."""

    def call(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        env = {**clean_environment(ROOT), "PORT": str(port), **variables}
        return launch(copy, *words, env=env)

    return call


@contextmanager
def profile_in(folder: Path, name: str) -> Iterator[Profile]:
    """A profile of the folder's own; ended and deleted afterwards."""
    shutil.copytree(ROOT / "deploy" / "postgres", folder / "deploy" / "postgres")
    one = Profile(name, folder.resolve())
    try:
        yield one
    finally:
        services.stop(one)
        Cluster(one).delete()


def launch(folder: Path, *words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in env.items() if name not in ("HEALTHCARE_PROFILE", "PYTHONPATH")}
    return subprocess.run(
        [sys.executable, "-m", "healthcare.embedded", *words],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that name the folder or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            command = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
            home = str((process / "cwd").readlink())
        except OSError:
            continue
        ours = str(folder) in home or str(folder) in command or Profile("dev", folder).title in command
        if ours and state not in "ZX" and process.name != str(os.getpid()):
            found.append(f"{process.name} {command}")
    return found
