#!/usr/bin/env python3
"""Which hands do the work in a drill, and die in the middle of it? Processes that do owed jobs, killed (SIGKILL) at random.

    python drills/hands.py NAME …        (used by the drills: does every job whose name begins so, until it is killed)

They stand for workers: what they run is `jobs.run`, as a worker does; what is due they find themselves, as the ticker does.
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def begin(profile: str, **more: str) -> None:
    """Services of the drill's own, two clinics, Django set up."""
    from healthcare.embedded import start_services

    os.environ.update(start_services(profile))
    os.environ |= {"HEALTHCARE_ENV": "test", "HEALTHCARE_PROFILE": profile, "SECRET_KEY": secrets.token_hex(32), **more}
    os.environ["DJANGO_SETTINGS_MODULE"] = "healthcare.settings"
    import django

    django.setup()
    from healthcare.tests.database import make_fresh

    make_fresh()


def killed_on_the_way(line: list[str], kills: int, *, seen: Callable[[], int], aim: Callable[[int], int], pause: float) -> int:
    """Run `manage.py` with this line again and again, killed (SIGKILL) the first times, each time when it is seen to have come
    as far as its aim. Answers how often it was killed; the run that was not must end well."""
    for killed in range(kills + 1):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *line], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        goal = aim(killed)
        while process.poll() is None and (killed == kills or seen() < goal):
            time.sleep(pause)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        print(f"    killed at {seen()}", flush=True)
    if process.returncode != 0:
        raise SystemExit("NOT  the last run did not end well")
    return killed


class Hands:
    """So many processes at work; one after the other is killed after `pause` seconds (from, to) and replaced."""

    def __init__(
        self, names: tuple[str, ...], *, many: int = 2, pause: tuple[float, float] = (0.3, 1.5), seed: int = 1
    ) -> None:
        self.names, self.pause, self.chance, self.kills = names, pause, random.Random(seed), 0
        self.over = threading.Event()
        self.working = [self._new() for _ in range(many)]
        self.killer = threading.Thread(target=self._kill, daemon=True)

    def __enter__(self) -> "Hands":
        self.killer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self.killer.join()
        for one in self.working:
            one.kill()
            one.wait()

    def _new(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, __file__, *self.names], stdout=subprocess.PIPE)

    def _kill(self) -> None:
        """Each gets to work before it may die, however slow the machine is; one that is begun anew is not waited for."""
        while not self.over.is_set():
            number = self.chance.randrange(len(self.working))
            one = self.working[number]
            assert one.stdout is not None
            one.stdout.readline()  # it is at work
            if self.over.wait(self.chance.uniform(*self.pause)):
                return
            os.kill(one.pid, signal.SIGKILL)
            one.wait()
            self.kills += 1
            self.working[number] = self._new()


def owed(names: tuple[str, ...], *, also_later: bool = False) -> list[object]:
    """Ids of the jobs that are to be done now, the oldest first."""
    from django.db.models import Q
    from django.utils import timezone

    from healthcare.core.jobs import OPEN
    from healthcare.core.models import Job
    from healthcare.core.tenancy import on_platform

    wanted = Q()
    for name in names:
        wanted |= Q(name__startswith=name)
    with on_platform():
        rows = Job.objects.filter(wanted, state__in=OPEN)
        if not also_later:
            rows = rows.filter(due_at__lte=timezone.now())
        return list(rows.order_by("due_at", "id").values_list("id", flat=True)[:40])


def work(names: tuple[str, ...]) -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "healthcare.settings"
    django.setup()
    from healthcare.core import jobs

    print("at work", flush=True)
    while True:
        found = owed(names)
        random.shuffle(found)
        for job_id in found:
            jobs.run(job_id)  # type: ignore[arg-type]
        if not found:
            time.sleep(0.05)


if __name__ == "__main__":
    work(tuple(sys.argv[1:]))
