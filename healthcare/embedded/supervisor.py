"""Who brings back a process that crashed, and restarts all of them when the code changed?"""

import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from healthcare.embedded import processes, programs, services
from healthcare.embedded.layout import Profile
from healthcare.embedded.processes import Identity
from healthcare.embedded.trouble import Trouble
from healthcare.embedded.watcher import Watcher

TICK = 0.25  # seconds between two looks at the programs
SERVICES_EVERY = 2.0
STEADY = 10.0  # seconds after which a start counts as good
LONGEST_PAUSE = 30.0


@dataclass
class Charge:
    """One program under supervision."""

    name: str
    identity: Identity | None = None
    started: float = 0.0
    failures: int = 0

    @property
    def pause(self) -> float:
        """Seconds from one start to the next: longer with each failure in a row."""
        return min(LONGEST_PAUSE, 0.5 * 2**self.failures) if self.failures else 0.0


class Supervisor:
    """Keeps the programs of one profile, and the services they need, until it is told to end."""

    def __init__(self, profile: Profile, env: Mapping[str, str]) -> None:
        self.profile = profile
        self.env = dict(env)
        self.charges = [Charge(name) for name in programs.NAMES]
        self.ending = threading.Event()
        self.watcher = Watcher(profile.root)

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        self.watcher.start()
        looked_at_services = time.monotonic()
        while not self.ending.wait(TICK):
            if changed := self.watcher.changes():
                self._restart(f"{changed} changed")
            if time.monotonic() - looked_at_services > SERVICES_EVERY:
                self._revive_services()
                looked_at_services = time.monotonic()
            for charge in self.charges:
                self._revive(charge)
        self.watcher.stop()
        programs.stop(self.profile)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending.set()

    def _restart(self, why: str) -> None:
        say(f"restarting: {why}")
        programs.stop(self.profile)
        for charge in self.charges:
            charge.identity, charge.failures = None, 0

    def _revive(self, charge: Charge) -> None:
        """Start a program that is not there; one that keeps dying waits longer each time."""
        if processes.alive(charge.identity):
            return
        if charge.identity:
            lived = time.monotonic() - charge.started
            charge.failures = charge.failures + 1 if lived < STEADY else 1
            charge.identity = None
            say(f"{charge.name} ended after {lived:.0f} s, next start in {charge.pause:.0f} s")
            programs.stop(self.profile, (charge.name,))
        if time.monotonic() - charge.started >= charge.pause:
            self._start(charge)

    def _start(self, charge: Charge) -> None:
        charge.started = time.monotonic()
        try:
            charge.identity = programs.start(self.profile, charge.name, self.env)
        except ChildProcessError as ended:
            charge.failures += 1
            say(f"{charge.name} can't start: {ended}")

    def _revive_services(self) -> None:
        """A service that was killed comes back on its port; on another one the programs must learn of it."""
        if services.all_answer(self.profile):
            return
        say("a service does not answer, starting it")
        try:
            found = services.start(self.profile)
        except Trouble as trouble:
            say(str(trouble))
            return
        if any(self.env.get(name) != value for name, value in found.items()):
            self.env |= found
            self._restart("a service has another address")


def say(what: str) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {what}", flush=True)
