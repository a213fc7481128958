"""How do all tests run on services of their own, whatever the person's environment says?"""

import signal
import subprocess
import sys
from types import FrameType

from healthcare.embedded import services
from healthcare.embedded.layout import Profile
from healthcare.embedded.product import clean_environment

PARTS = {"unit": ["-m", "not e2e"], "e2e": ["-m", "e2e"]}


def run(profile: Profile, words: list[str]) -> int:
    """Run pytest; answers its exit code. Nothing is printed after pytest's closing line."""
    chosen = PARTS.get(words[0], []) if words else []
    extra = words[1:] if chosen else words
    with profile.locked("run"):  # two runs in one clone would share a database
        try:
            env = clean_environment(profile.root) | services.start(profile)
            return _pytest(profile, env, [*chosen, *extra])
        finally:
            services.stop(profile)


def _pytest(profile: Profile, env: dict[str, str], words: list[str]) -> int:
    tests = subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=profile.root, env=env)

    def hand_on(number: int, frame: FrameType | None) -> None:
        tests.send_signal(number)

    # From a terminal pytest gets Ctrl-C itself; it ends in its own time, then the services do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, hand_on)
    return tests.wait()
