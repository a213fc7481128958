#!/usr/bin/env python3
"""Many at once in four clinics, by every way there is: does anybody ever read another clinic's rows?

    python drills/wrong_reads.py [--seconds 60] [--threads 16]

Opens four throw-away clinics with words of their own in every row, and ends them. The threads read through the ORM (nested,
across failing statements, over savepoints that are rolled back), over REST in sync and async views, over sockets and in
jobs, each time in a clinic chosen at random. Right is: not one word or id of a clinic other than the one asked. Exits 1 else.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
    from healthcare.embedded.environment import load

    load()
    import django

    django.setup()

from django.db import DatabaseError, connection, transaction
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.roles import Role
from healthcare.core import jobs
from healthcare.core.ids import new_id
from healthcare.core.models import Job
from healthcare.core.tenancy import clinic_or_none, in_clinic, on_platform
from healthcare.probe import sockets
from healthcare.probe.canaries import Canaries
from healthcare.probe.ease import at_ease
from healthcare.probe.judging import Cell
from healthcare.probe.world import House, World, houses
from patients.models import Patient

NAMES = ("a", "b", "c", "d")
JOB = "drill.read"
QUEUE = "ws/queues/<uuid:queue_id>"
PATHS = ("/patients", "/appointments", "/queues", "/users/doctors", "/notifications")


class Drill:
    def __init__(self, made: list[House], canaries: Canaries, ends: float) -> None:
        self.houses, self.canaries, self.ends = made, canaries, ends
        self.reads, self.wrong, self.failed = Counter[str](), list[str](), Counter[str]()
        self._lock = threading.Lock()
        self.seen_by_jobs: dict[str, str] = {}

    def note(self, way: str, house: House, text: str) -> None:
        """What was read in this clinic: something, and nothing of another."""
        found = {canary.clinic for _, canary in self.canaries.in_text(text)}
        with self._lock:
            self.reads[way] += 1
            if found != {house.name}:
                self.wrong.append(f"{way}: asked {house.name}, read {sorted(found) or 'nothing'}")

    # -- the ways

    def by_orm(self, luck: random.Random) -> None:
        outer, inner = luck.sample(self.houses, 2)
        with in_clinic(outer.clinic):
            lazy = Patient.objects.order_by("id")
            self.note("orm", outer, _names(lazy))
            with in_clinic(inner.clinic):
                self.note("orm nested", inner, _names(Patient.objects.order_by("id")))
                with on_platform():
                    assert clinic_or_none() is None
            self._stumble(luck)
            self.note("orm after a stumble", outer, _names(lazy.all()))

    def _stumble(self, luck: random.Random) -> None:
        """A statement fails, or a savepoint is rolled back from inside another clinic."""
        other = luck.choice(self.houses)
        try:
            with transaction.atomic():
                if luck.random() < 0.5:
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT 1 / 0")
                with in_clinic(other.clinic):
                    self.note("orm in a savepoint", other, _names(Patient.objects.all()))
                    raise DatabaseError("on purpose")
        except DatabaseError:
            return

    def by_rest(self, luck: random.Random) -> None:
        house, path = luck.choice(self.houses), luck.choice(PATHS)
        answer = Client().get(path, headers=_headers(house))
        self._answered("rest", house, answer)

    def by_async_rest(self, luck: random.Random) -> None:
        async def several() -> None:
            asked = [(luck.choice(self.houses), luck.choice(PATHS)) for _ in range(4)]
            answers = await asyncio.gather(*(AsyncClient().get(path, headers=_headers(house)) for house, path in asked))
            for (house, _), answer in zip(asked, answers, strict=True):
                self._answered("async rest", house, answer)

        asyncio.run(several())

    def by_socket(self, luck: random.Random) -> None:
        async def several() -> None:
            asked = [luck.choice(self.houses) for _ in range(4)]
            cell = Cell(f"socket {QUEUE}", Role.RECEPTIONIST, "socket", "room own", "own ticket")
            heard = await asyncio.gather(*(sockets.hear(World(h, h, None, self.canaries), cell) for h in asked))
            for house, answer in zip(asked, heard, strict=True):
                if answer.status == sockets.HEARD:
                    self.note("socket", house, answer.text)
                else:
                    self._fail(f"socket {answer.status}")

        asyncio.run(several())

    def by_job(self, luck: random.Random) -> None:
        house = luck.choice(self.houses)
        row = Job(
            clinic_id=house.clinic.id, queue="analytics", name=JOB, args={"number": luck.randrange(10**8)},
            key=f"drill:{new_id().hex}", due_at=timezone.now(),
        )  # fmt: skip
        row.save(force_insert=True)
        with _heard() as said:
            done = jobs.run(row.id)
        if done:
            self.note("job", house, said.text)
        else:
            self._fail(f"job {house.name}")

    def _answered(self, way: str, house: House, answer: Any) -> None:
        if answer.status_code != 200:
            self._fail(f"{way} {answer.status_code}")
            return
        self.note(way, house, answer.content.decode())

    def _fail(self, what: str) -> None:
        with self._lock:
            self.failed[what] += 1

    def run(self, seed: int) -> None:
        luck = random.Random(seed)
        ways: list[Callable[[random.Random], None]] = [
            self.by_orm,
            self.by_rest,
            self.by_async_rest,
            self.by_socket,
            self.by_job,
        ]
        try:
            while time.monotonic() < self.ends:
                luck.choice(ways)(luck)
        finally:
            connection.close()


class _Said(threading.local):
    text = ""


_said = _Said()


@contextmanager
def _heard() -> Iterator[_Said]:
    _said.text = ""
    yield _said


def _read(*, number: int) -> None:
    _said.text = _names(Patient.objects.order_by("id"))


def _names(rows: Any) -> str:
    return " ".join(f"{row.id} {row.first_name}" for row in rows)


def _headers(house: House) -> dict[str, str]:
    person = house.people[Role.CLINIC_ADMIN]
    return {"Authorization": person.bearer("own"), "X-Clinic-ID": house.clinic.slug}


def drill(seconds: float, threads: int, say: Callable[[str], None] = lambda line: None) -> Drill:
    """Open, read from all sides, end. Answers what was read, what was wrong, and what was not answered at all."""
    jobs.job(JOB, queue="analytics")(_read)
    try:
        with houses(*NAMES, say=say) as (made, canaries, _), at_ease():
            running = Drill(made, canaries, time.monotonic() + seconds)
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(running.run, seed) for seed in range(threads)]:
                    done.result()
    finally:
        jobs._work.pop(JOB)
    return running


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=16)
    given = parser.parse_args()
    done = drill(given.seconds, given.threads, print)
    for way, count in sorted(done.reads.items()):
        print(f"  {way:<22} {count:>7} reads")
    for what, count in done.failed.items():
        print(f"  not answered: {what} ({count})")
    for line in done.wrong[:20]:
        print(f"  WRONG {line}")
    print(f"{done.reads.total()} reads by {given.threads} threads in {len(NAMES)} clinics, {len(done.wrong)} wrong")
    return 1 if done.wrong or done.failed or not done.reads else 0


if __name__ == "__main__":
    sys.exit(main())
