"""Workers that die at each of the three points of a job: who keeps them alive, and who remembers the deaths."""

from __future__ import annotations

import argparse
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

JOBS_A_BOOKING = 4  # availability, choice of channel, sending, …
POINTS = ("before effect", "after effect", "before ack")


class Graves:
    """One folder a death, so that no more die than were asked for, whoever dies first: when, where, which job."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most

    def dig(self, point: str, job_id: Any) -> bool:
        for number in range(len(list(self.folder.iterdir())), self.most):
            try:
                (self.folder / f"{number:04}").mkdir()
            except FileExistsError:
                continue
            (self.folder / f"{number:04}" / "stone").write_text(f"{time.time()}|{point}|{job_id}")
            return True
        return False

    def read(self) -> list[tuple[float, str, str]]:
        stones = [stone.read_text().split("|") for stone in sorted(self.folder.glob("*/stone"))]
        return [(float(at), point, job_id) for at, point, job_id in stones]


def nest(given: argparse.Namespace) -> int:
    """Keeps so many workers alive: forked, so that a new one is there at once."""
    set_up()  # once for all of them; no connection is open yet when they fork
    from celery.apps.worker import Worker  # noqa: F401
    from django.core.checks import run_checks

    run_checks()  # over a second of a core, which each of them would spend again
    os.environ["CELERY_SKIP_CHECKS"] = "1"

    from healthcare.core.management.commands.worker import arguments

    graves, living = Graves(given.nest, given.kills), set()
    eager = 2 if given.bookings >= 500 else 6  # so that also a short run has all its deaths
    odds = given.kills * eager / (given.bookings * JOBS_A_BOOKING * len(POINTS))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.is_set():
        while len(living) < given.workers:
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                work(graves, odds, arguments(None))
            living.add(child)
        for child in list(living):
            if os.waitpid(child, os.WNOHANG)[0]:
                living.discard(child)
        ended.wait(0.05)
    for child in living:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return 0


def work(graves: Graves, odds: float, words: list[str]) -> None:
    """A worker that may die at each of the three points of each job."""
    from celery import current_app

    from healthcare.core import jobs

    dice = random.Random()  # a fork inherits the state of its parent's

    def perhaps(point: str, job_id: Any) -> None:
        if dice.random() < odds and graves.dig(point, job_id):
            os.kill(os.getpid(), signal.SIGKILL)

    perform, finish = jobs._perform, jobs._finish

    def performed(row: Any) -> None:
        perhaps(POINTS[0], row.id)
        perform(row)
        perhaps(POINTS[1], row.id)

    def finished(job_id: Any) -> bool:
        done = finish(job_id)
        perhaps(POINTS[2], job_id)
        return done

    jobs._perform, jobs._finish = performed, finished
    words = [word.replace("all@%h", f"storm{os.getpid()}@%h") for word in words]
    os._exit(current_app.worker_main(words) or 0)


def set_up() -> None:
    import django

    import healthcare.celery  # noqa: F401  (names the settings, reads the services' variables)

    django.setup()
