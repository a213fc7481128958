"""Which stand-alone profiles and clones do the launcher's tests work on?"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healthcare.embedded import development, services
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
    development.reset(Profile("dev", folder))


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """One whose database was made and has ended. To make it takes longer than what most tests do with theirs."""
    with profile_in(tmp_path_factory.mktemp("initialised"), "initialised") as one:
        services.start(one)
        services.stop(one)
        yield one


@pytest.fixture
def made(profile: Profile, initialised: Profile) -> Profile:
    """`profile`, which was started before: its database is there."""
    return with_data_of(initialised, profile)


@pytest.fixture
def started_before(copy: Path, initialised: Profile) -> Profile:
    """The development of `copy`: its database is there. Without this a test's first start makes it."""
    return with_data_of(initialised, Profile("dev", copy))


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


def with_data_of(other: Profile, one: Profile) -> Profile:
    """Give the profile the database of another that does not run, and the passwords that it knows."""
    one.make()
    one.remember({**other.state(), "ports": {}})
    subprocess.run(["cp", "-Rp", Cluster(other).home, Cluster(one).home], check=True)  # the owner too
    return one


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


def seen(port: int) -> dict[str, str]:
    """What the product's stand-in says of itself."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        found: dict[str, str] = json.load(answer)
    return found
