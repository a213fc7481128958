#!/usr/bin/env python3
"""What do audit and encryption cost a booking? Bookings with both ÷ bookings without, in one run; exits 1 above the target.

    python benchmarks/booking_cost.py [rounds] [bookings]

Runs against the services of a profile (`HEALTHCARE_PROFILE=bench`; `python -m healthcare.embedded services start --profile
bench` begins them). Opens a clinic, books by `POST /appointments` through the product's own application as the desk, with a
reason, `bookings` (25) in a slice, slices with and without in turn, `rounds` (12) of them. *Without* means: the audit's
triggers of that clinic off, sealing and opening a copy of bytes, keys known. The ratio is that of the medians of all
bookings; everything else in the request (judging, claims, events, jobs, the answer) is the same on both sides. What it made,
it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
os.environ |= {"RATE_LIMIT_MAX": "100000000", "LOG_LEVEL": "ERROR"}
load()

import django

django.setup()

from django.utils import timezone
from psycopg import sql

from clinics.models import Clinic
from clinics.services.schemas import owner_cursor
from healthcare.core import crypto
from healthcare.core.crypto import DataKey
from healthcare.core.keystore import keys
from healthcare.core.tenancy import in_clinic
from healthcare.probe.clinics import throwaway
from healthcare.tests import make
from healthcare.tests.client import client
from monitoring.trail.triggers import TRIGGER

ROUNDS, BOOKINGS = (int(given) for given in (*sys.argv[1:], *("12", "25")[len(sys.argv) - 1 :]))
TARGET = 1.2
KNOWN = DataKey(1, bytes(32))
OURS = ("patient", "clinic")  # kinds of keys that are health data's
BARE = crypto.FORMAT + b"\x00\x01" + bytes(28)  # the head of a sealed value, a nonce and a tag of nothing
AUDITED = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = %s AND c.relnamespace = %s::regnamespace
"""


class Scene:
    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.desk = client(make.member("receptionist", self.clinic), self.clinic.slug)
        with in_clinic(self.clinic):
            self.doctor = make.practitioner()
        with owner_cursor() as cursor:
            cursor.execute(AUDITED, [TRIGGER, f'"{self.clinic.schema_name}"'])
            self.audited = [name for (name,) in cursor.fetchall()]
        start = (timezone.now() + dt.timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.times = (start + dt.timedelta(minutes=10 * n) for n in count())
        self.charts = {True: self.chart()}
        with self.without():
            self.charts[False] = self.chart()

    def chart(self) -> str:
        with in_clinic(self.clinic):
            return str(make.patient(phone="+919812345678").id)

    def book(self, audited: bool) -> float:
        body = {
            "kind": "consultation",
            "doctor": str(self.doctor.id),
            "starts_at": next(self.times).isoformat(),
            "patient": self.charts[audited],
            "reason": "headache since Monday, worse in the mornings",
        }
        begun = time.perf_counter()
        answer = self.desk.post("/appointments", body)
        took = time.perf_counter() - begun
        if answer.status_code != 201:
            raise SystemExit(f"a booking was answered {answer.status_code}: {answer.content[:300]!r}")
        return took * 1000

    @contextmanager
    def without(self) -> Iterator[None]:
        self._triggers("DISABLE")
        # what belongs to people and sign-ins is sealed on both sides
        real = {
            name: getattr(module, name)
            for module in (crypto, keys)
            for name in ("seal", "unseal", "newest", "exact")
            if hasattr(module, name)
        }
        patches = {
            "seal": lambda plain, key, bound_to: BARE + plain if key is KNOWN else real["seal"](plain, key, bound_to),
            "unseal": lambda sealed, key, bound_to: (
                sealed[len(BARE) :] if sealed.startswith(BARE) else real["unseal"](sealed, key, bound_to)
            ),
        }
        known = {
            "newest": lambda scope: KNOWN if scope.kind.startswith(OURS) else real["newest"](scope),
            "exact": lambda scope, generation: KNOWN if scope.kind.startswith(OURS) else real["exact"](scope, generation),
            "warm": lambda scopes: None,
        }
        with mock.patch.multiple(crypto, **patches), mock.patch.multiple(keys, **known):
            yield
        self._triggers("ENABLE")

    def _triggers(self, verb: str) -> None:
        with owner_cursor() as cursor:
            for table in self.audited:
                on = sql.Identifier(self.clinic.schema_name, table)
                cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(on, sql.SQL(verb), sql.Identifier(TRIGGER)))


def slice_of(scene: Scene, audited: bool) -> list[float]:
    """The first two of a slice pay for what the other kind left behind (plans, keys); they are not counted."""

    def run() -> list[float]:
        return [scene.book(audited) for _ in range(BOOKINGS + 2)][2:]

    if audited:
        return run()
    with scene.without():
        return run()


def main() -> int:
    taken: dict[bool, list[float]] = {True: [], False: []}
    with throwaway("cost") as clinic:
        scene = Scene(clinic)
        for turn in range(ROUNDS):
            for audited in (True, False) if turn % 2 else (False, True):
                taken[audited] += slice_of(scene, audited)
    with_both, without = (statistics.median(taken[kind]) for kind in (True, False))
    print(
        f"{len(taken[True])} bookings each: with {with_both:.2f} ms, without {without:.2f} ms, ratio {with_both / without:.3f}"
    )
    return 0 if with_both / without <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
