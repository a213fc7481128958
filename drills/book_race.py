#!/usr/bin/env python3
"""Do 200 clients on equal and overlapping times make exactly one booking? Through every way in; prints times, exits 1 if not.

    python drills/book_race.py [clients] [rounds]        (200 and 100; the ways in take turns)

    verb     services.booking.book, each on a connection of its own
    overlap  the same, but of starts that overlap each other: at most one of any two
    bulk     services.many.book_many of three times a client, all or none
    sql      claims written past the verbs: INSERT … ON CONFLICT DO NOTHING
Runs against the development services (`./run.sh dev start`), in the clinic `north` of the demo; what it made it cancels. The
database's own counter of deadlocks is compared before and after; the claim statement's p99 is of the statement itself.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import datetime as dt
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

from django.db import connection
from django.utils import timezone

from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims, steps
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.many import Wanted, book_many
from appointments.slots import Claim as Wish
from appointments.slots import Interval
from healthcare.core.errors import Refused
from healthcare.core.ids import new_id
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from patients.models import Patient

CLIENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
KIND = "consultation"
statement: list[float] = []  # seconds of each claim statement
_take = claims.take


def timed(wanted: Any) -> Any:
    began = time.perf_counter()
    try:
        return _take(wanted)
    finally:
        statement.append(time.perf_counter() - began)


claims.take = timed


class Race:
    """One doctor, many patients, one starting line."""

    def __init__(self, clinic: Any) -> None:
        self.clinic = clinic
        with in_clinic(clinic):
            self.charts = list(Patient.objects.order_by("?")[:CLIENTS])
            self.doctor = Practitioner.objects.seeing_patients().offering(KIND).filter(capacity=1).with_place()[0]
            self.refresh()

    def refresh(self) -> None:
        now = timezone.now()
        free = free_times(practitioner=self.doctor, kind=kind_named(KIND), day=now.date(), days=14, now=now)
        self.free = [slot.starts_at for slot in free][-60:]

    def verb(self, number: int) -> Any:
        return self._book(number, self.free[-1])

    def overlap(self, number: int) -> Any:
        return self._book(number, self.free[-1 - number % 3])

    def bulk(self, number: int) -> Any:
        at = [self.free[-1 - (number + step) % 5] for step in range(3)]
        wanted = [Wanted(KIND, self.charts[number], self.doctor, one) for one in at]
        return list(book_many(wanted=wanted, by=None, now=timezone.now()).done.values())

    def sql(self, number: int) -> Any:
        """An appointment and its claims past the verbs; who gets both keeps them."""
        at, row_id = self.free[-1], new_id()
        during = Interval(at, at + dt.timedelta(minutes=10 + number % 7))
        people = {"practitioner": self.doctor.pk, "patient": self.charts[number].pk}
        wanted = claims.rows(row_id, [Wish(claims.key(name, pk), 0, during) for name, pk in people.items()])
        try:
            with claims.held_or_lost():
                claims.hold(wanted)
                known = {"kind": KIND, "location_id": self.doctor.location_id}
                row = Appointment(id=row_id, patient=self.charts[number], practitioner=self.doctor, **known)
                row.starts_at, row.ends_at = during.start, during.end
                row.save(force_insert=True)
            return [row]
        except claims.Lost:
            return []

    def _book(self, number: int, at: dt.datetime) -> Any:
        who = {"patient": self.charts[number], "practitioner": self.doctor, "by": None}
        return [book(kind=KIND, starts_at=at, now=timezone.now(), **who)]

    def run(self, way: Callable[[int], Any]) -> tuple[Counter[str], list[Any]]:
        line, won = threading.Barrier(CLIENTS + 1), []

        def one(number: int) -> str:
            line.wait()
            try:
                with in_clinic(self.clinic):
                    rows = way(number)
                    won.extend(rows)
                return "booked" if rows else "lost"
            except Refused as refused:
                return refused.code
            finally:
                connection.close()

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = [pool.submit(one, number) for number in range(CLIENTS)]
            line.wait()
            return Counter(answer.result() for answer in answers), won


def overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM appointments_claim a JOIN appointments_claim b ON a.resource_id = b.resource_id"
            " AND a.lane = b.lane AND a.id < b.id AND a.during && b.during"
        )
        return int(cursor.fetchone()[0])


def deadlocks() -> int:
    with on_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def main() -> int:
    clinic, before, good = find_clinic("north"), deadlocks(), True
    race = Race(clinic)
    ways = {"verb": race.verb, "overlap": race.overlap, "bulk": race.bulk, "sql": race.sql}
    for number in range(ROUNDS):
        name = list(ways)[number % len(ways)]
        began = time.perf_counter()
        came, won = race.run(ways[name])
        took = time.perf_counter() - began
        with in_clinic(clinic):
            twice = overlaps()
            held = Claim.objects.filter(appointment__in=won, resource="practitioner").count()
            for row in won:
                steps.cancel(appointment=row, by=None, now=timezone.now())
        good &= twice == 0 and held == len(won) and (len(won) == 1 or name in ("overlap", "bulk"))
        print(f"round {number + 1} {name}: {dict(came)}, {took:.2f} s, overlaps {twice}", flush=True)
    slowest = sorted(statement)
    p99 = slowest[int(len(slowest) * 0.99)] * 1000
    print(f"claim statements: {len(slowest)}, p50 {slowest[len(slowest) // 2] * 1000:.0f} ms, p99 {p99:.0f} ms")
    print(f"deadlocks: {deadlocks() - before}")
    return 0 if good and deadlocks() == before else 1


if __name__ == "__main__":
    sys.exit(main())
