"""How do all tests run on services of their own, whatever the person's environment says?

Several processes of pytest share the tests (pytest-xdist), each with services of its own: `test-gw0`, `test-gw1` … Many tests
wait rather than work, so there is one process more than cores. `healthcare/tests/sharing.py` says which tests stay together.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from healthcare.embedded import services
from healthcare.embedded.layout import Profile
from healthcare.embedded.product import clean_environment

PARTS = {"unit": ["-m", "not e2e"], "e2e": ["-m", "e2e"]}


def run(profile: Profile, words: list[str]) -> int:
    """Run pytest; answers its exit code. The last line counts the tests. A person's own `-n` wins."""
    part = words[0] if words and words[0] in PARTS else ""
    shared = ["-n", str(_workers())]
    command = [sys.executable, "-m", "pytest", *shared, *PARTS.get(part, []), *words[bool(part) :]]
    with profile.locked("run"):  # two runs in one clone would share a database
        try:
            env = clean_environment(profile.root) | {"HEALTHCARE_TEST_PROFILE": profile.name}
            return _through(subprocess.Popen(command, cwd=profile.root, env=env))
        finally:
            for each in _of_this_run(profile):
                services.stop(each)


def _workers() -> int:
    return (os.cpu_count() or 1) + 1


def _through(running: "subprocess.Popen[bytes]") -> int:
    # From a terminal pytest gets Ctrl-C itself; it ends in its own time, then the services do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def hand_on(number: int, frame: FrameType | None) -> None:
        running.send_signal(number)

    signal.signal(signal.SIGTERM, hand_on)
    return running.wait()


def _of_this_run(profile: Profile) -> list[Profile]:
    """The profile of the run and those of its processes, as far as they ever began."""
    names = sorted(folder.name for folder in profile.folder.parent.glob(f"{profile.name}-gw*") if folder.is_dir())
    return [profile, *(Profile(name, profile.root) for name in names)]
