#!/usr/bin/env python3
"""Do 200 clients on equal and overlapping times make exactly one booking? Through every way in; prints times, exits 1 if not.

    python drills/book_race.py [clients] [rounds] [--base http://127.0.0.1:8088] [--no-valkey]     (200 and 100; ways in turn)

    verb, overlap          services.booking.book, each on a connection of its own: one time; times that overlap each other
    api, api-overlap       POST /appointments of a running server, the same two
    admin, admin-overlap   the admin's page "Book an appointment" of that server, by its form, the same two
    bulk                   services.many.book_many of three of five times a client, all or none: one gets theirs
    sql                    claims written past the verbs: INSERT … ON CONFLICT DO NOTHING, of one start and many lengths
Runs against the development services (`./run.sh dev start`), in the clinic `north` of the demo; what it made it cancels. With
`--no-valkey` both Valkeys are killed after half the rounds (and started at the end): the figures of both halves are printed.
Deadlocks are counted in PostgreSQL's log and by its own counter; the claim statement's p99 is of the statement itself.
What loses in the admin is counted by the first reason that the page shows.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import argparse
import asyncio
import datetime as dt
import logging
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
from healthcare.embedded.layout import Profile
from healthcare.embedded.valkey import Store

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims, steps
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.many import Wanted, book_many
from appointments.slots import Claim as Wish
from appointments.slots import Interval
from benchmarks.figures import quantile
from benchmarks.visitor import Visitor
from drills import burst
from drills.admin_desk import AdminDesk, came_of
from healthcare.core.errors import Refused
from healthcare.core.ids import new_id
from healthcare.core.serving import UNPOOLED
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from patients.models import Patient

ROOT = Path(__file__).resolve().parents[1]
KIND = "consultation"
WAYS = ("verb", "api", "overlap", "api-overlap", "admin", "admin-overlap", "bulk", "sql")
# As in the server (`core/serving.py`): so many at once as there are connections. Who waits for one does nothing meanwhile, else
# the interpreter that they share would be what is measured.
CONNECTIONS = (settings.DATABASES["default"]["OPTIONS"].get("pool") or UNPOOLED)["max_size"]
LOST = {"slot_taken", "lost", "not_all_bookable", "not_bookable", "patient_busy", "too_soon", "409"}  # how one may lose
statement: list[float] = []  # seconds of each claim statement
_take = claims.take


def timed(wanted: Any, **more: Any) -> Any:
    began = time.perf_counter()
    try:
        return _take(wanted, **more)
    finally:
        statement.append(time.perf_counter() - began)


claims.take = timed
# 200 clients are 200 programs: here they share one interpreter, and who holds the time is not to wait in turn for its lock
sys.setswitchinterval(0.0005)


class Race:
    """One doctor, many patients, one starting line."""

    def __init__(self, clinic: Any, clients: int, base: str) -> None:
        self.clinic, self.clients, self.base = clinic, clients, base
        with in_clinic(clinic):
            self.charts = list(Patient.objects.order_by("?")[:clients])
            cards = Practitioner.objects.seeing_patients().offering(KIND).filter(capacity=1).with_place()
            self.doctor = max(cards, key=lambda card: len(self._overlapping(card)))
            self.free, self.at_once = self._starts(self.doctor), self._overlapping(self.doctor)
            self.apart = self._apart()
        if len(self.charts) < clients or len(self.at_once) < 2 or len(self.apart) < 5:
            sys.exit(f"{clinic.slug}: {len(self.charts)} patients, {len(self.at_once)} starts that overlap: not enough")
        self.desks = asyncio.run(self._sign_in())  # before Valkey is away
        self.pages = [AdminDesk.sign_in(base, clinic.slug, role) for role in burst.ROLES]

    async def _sign_in(self) -> list[Visitor]:
        return [await Visitor.sign_in(self.base, self.clinic.slug, role) for role in burst.ROLES]

    def _slots(self, doctor: Practitioner) -> list[Any]:
        now = timezone.now()
        free = free_times(practitioner=doctor, kind=kind_named(KIND), day=now.date() + dt.timedelta(days=1), days=14, now=now)
        return free[-60:]

    def _starts(self, doctor: Practitioner) -> list[dt.datetime]:
        return [slot.starts_at for slot in self._slots(doctor)]

    def _overlapping(self, doctor: Practitioner) -> list[dt.datetime]:
        """The last free start, and those before it any two of which overlap."""
        slots = self._slots(doctor)
        return [slot.starts_at for slot in slots if slot.ends_at > slots[-1].starts_at]

    def _apart(self) -> list[dt.datetime]:
        """Five starts with two hours between them: three of them and another three always share one."""
        found: list[dt.datetime] = []
        for start in reversed(self.free):
            if len(found) < 5 and (not found or found[-1] - start >= dt.timedelta(hours=2)):
                found.append(start)
        return found

    def verb(self, number: int) -> Any:
        return self._book(number, self.free[-1])

    def overlap(self, number: int) -> Any:
        return self._book(number, self.at_once[number % len(self.at_once)])

    def bulk(self, number: int) -> Any:
        at = [self.apart[(number + step) % len(self.apart)] for step in range(3)]
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

    def threads(self, way: Callable[[int], Any]) -> tuple[Counter[str], list[Any]]:
        line, won, turns = threading.Barrier(self.clients + 1), [], threading.Semaphore(CONNECTIONS)

        def one(number: int) -> str:
            line.wait()
            with turns:
                return run(number)

        def run(number: int) -> str:
            try:
                with in_clinic(self.clinic):
                    rows = way(number)
                    won.extend(rows)
                return "booked" if rows else "lost"
            except Refused as refused:
                return refused.code
            finally:
                connections.close_all()  # the key store's too, else its pool is empty after some rounds

        with ThreadPoolExecutor(self.clients) as pool:
            answers = [pool.submit(one, number) for number in range(self.clients)]
            line.wait()
            return Counter(answer.result() for answer in answers), won

    def api(self, starts: list[dt.datetime]) -> tuple[Counter[str], list[Any]]:
        answers = asyncio.run(self._reach(starts))
        ids = [answer.json()["id"] for answer in answers if answer.status == 201]
        with in_clinic(self.clinic):
            return Counter("booked" if a.status == 201 else str(a.status) for a in answers), list(
                Appointment.objects.in_bulk(ids).values()
            )

    async def _reach(self, starts: list[dt.datetime]) -> list[Any]:
        lines = [self.desks[number % len(self.desks)].connections(1)[0] for number in range(self.clients)]
        await asyncio.gather(*(line.open() for line in lines))
        wanted = {"kind": KIND, "doctor": str(self.doctor.pk)}
        asked = [{**wanted, "starts_at": starts[n % len(starts)].isoformat()} for n in range(self.clients)]
        hands = zip(lines, asked, self.charts, strict=True)
        answers = await asyncio.gather(*(burst.reach(line, one, str(chart.pk)) for line, one, chart in hands))
        for line in lines:
            line.close()
        return list(answers)

    def admin(self, starts: list[dt.datetime]) -> tuple[Counter[str], list[Any]]:
        answers = asyncio.run(self._send(starts))
        with in_clinic(self.clinic):
            rows = Appointment.objects.filter(practitioner=self.doctor, patient__in=self.charts, starts_at__in=starts)
            return Counter(came_of(answer) for answer in answers), list(rows.filter(state="scheduled"))

    async def _send(self, starts: list[dt.datetime]) -> list[Any]:
        pages = [self.pages[number % len(self.pages)] for number in range(self.clients)]
        lines = [page.connection() for page in pages]
        await asyncio.gather(*(line.open() for line in lines))
        doctor = str(self.doctor.pk)
        wanted = {"kind": KIND, "practitioner": doctor, "day": starts[0].date().isoformat()}
        picks = [f"{doctor} {starts[number % len(starts)].isoformat()}" for number in range(self.clients)]
        forms = [{**wanted, "mrn": chart.mrn, "pick": pick} for chart, pick in zip(self.charts, picks, strict=True)]
        hands = zip(pages, lines, forms, strict=True)
        answers = await asyncio.gather(*(page.book(line, form) for page, line, form in hands))
        for line in lines:
            line.close()
        return list(answers)

    def ways(self) -> dict[str, Callable[[], tuple[Counter[str], list[Any]]]]:
        return {
            "verb": lambda: self.threads(self.verb),
            "api": lambda: self.api(self.free[-1:]),
            "overlap": lambda: self.threads(self.overlap),
            "api-overlap": lambda: self.api(self.at_once),
            "admin": lambda: self.admin(self.free[-1:]),
            "admin-overlap": lambda: self.admin(self.at_once),
            "bulk": lambda: self.threads(self.bulk),
            "sql": lambda: self.threads(self.sql),
        }


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


def played(race: Race, name: str, number: int) -> tuple[bool, float]:
    """One round: whether it was as it should be, and the seconds until all were answered."""
    began = time.perf_counter()
    came, won = race.ways()[name]()
    took = time.perf_counter() - began
    with in_clinic(race.clinic):
        twice = overlaps()
        held = Claim.objects.filter(appointment__in=won, resource="practitioner").count()
        for row in won:
            steps.cancel(appointment=row, by=None, now=timezone.now())
    good = twice == 0 and held == len(won) and len(won) == (3 if name == "bulk" else 1)
    good &= set(came) <= LOST | {"booked"}
    print(f"round {number + 1} {name}: {dict(came)}, {took:.2f} s, overlaps {twice}{'' if good else ' NOT RIGHT'}", flush=True)
    return good, took


def half(race: Race, rounds: range, label: str, names: list[str]) -> bool:
    statement.clear()
    results = [(name, *played(race, name, number)) for number in rounds for name in [names[number % len(names)]]]
    told = {name: f"{max(took for way, _, took in results if way == name):.2f}" for name, _, _ in results}
    at = [quantile([one * 1000 for one in statement], share) for share in (0.5, 0.99)] if statement else [0.0, 0.0]
    print(f"{label}: {len(results)} rounds, slowest of each way {told} s")
    print(f"{label}: claim statements {len(statement)}, p50 {at[0]:.0f} ms, p99 {at[1]:.0f} ms", flush=True)
    return all(good for _, good, _ in results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clients", nargs="?", type=int, default=200)
    parser.add_argument("rounds", nargs="?", type=int, default=100)
    parser.add_argument("--base", default=f"http://127.0.0.1:{os.environ.get('PORT', '8088')}")
    parser.add_argument("--no-valkey", action="store_true", help="kill both Valkeys after half the rounds")
    parser.add_argument("--ways", default=",".join(WAYS), help="which of them, in turn")
    given = parser.parse_args()
    names = given.ways.split(",")
    log = ROOT / ".local" / "dev" / "log" / "postgresql.log"
    seen, before = log.stat().st_size, deadlocks()
    race = Race(find_clinic("north"), given.clients, given.base)
    middle = given.rounds // 2 if given.no_valkey else given.rounds
    good = half(race, range(middle), "with Valkey", names)
    if given.no_valkey:
        logging.disable(logging.WARNING)  # each claim would say that the cache is away
        stores = [Store(Profile.named("dev"), name) for name in ("redis", "cache")]
        try:
            for store in stores:
                store.kill()
            good &= half(race, range(middle, given.rounds), "without Valkey", names)
        finally:
            for store in stores:
                store.start()
    dead, logged = deadlocks() - before, burst.deadlocks(log, seen)
    print(f"deadlocks: {dead} by the counter, {logged} in the log; {'all as it should be' if good else 'NOT as it should be'}")
    return 0 if good and not dead and not logged else 1


if __name__ == "__main__":
    sys.exit(main())
