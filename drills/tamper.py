#!/usr/bin/env python3
"""Is every tampering with a sealed trail found and placed, and is a clean one left in peace? Prints figures, exits 1 if not.

    python drills/tamper.py [tamperings] [clean entries]

Runs against the services of a profile (`HEALTHCARE_PROFILE=drill`; `python -m healthcare.embedded services start --profile
drill` begins them). Opens a clinic, fills its trail, seals it. Then, as PostgreSQL's superuser with the triggers off, does
`tamperings` (200) random deeds, one after the other, each in a transaction that is rolled back when it was looked for: edit,
delete, insert, swap, cut the tail off, put an old copy back, change seals. Last it verifies `clean entries` (1,000,000), alone
and while others write and seal. What it made, it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

import psycopg
from django.conf import settings
from psycopg import sql

from clinics.models import Clinic
from clinics.services.exporting import snapshot
from clinics.services.schemas import owner_cursor
from healthcare.core.tenancy import in_clinic
from healthcare.embedded.layout import Profile
from healthcare.embedded.postgresql import Cluster
from healthcare.probe.clinics import throwaway
from monitoring.seals import anchors, chains, sealing
from monitoring.seals.sealing import seal
from monitoring.seals.verifying import verify
from monitoring.trail.writing import record

DEEDS, CLEAN = (int(given) for given in (*sys.argv[1:], *("200", "1000000")[len(sys.argv) - 1 :]))
SMALL = 6000  # entries of the trail that is tampered with
TARGET = 10.0
FILL = """
INSERT INTO {} (id, at, action, object_type, object_id, actor, actor_kind, session, request_id, address, purpose, clinic_id,
                changes, subjects)
SELECT uuidv7(), clock_timestamp(), 'update', 'appointments.appointment', gen_random_uuid()::text, gen_random_uuid(), 'person',
       gen_random_uuid(), md5(n::text), '203.0.113.7', 'treatment', gen_random_uuid(),
       '{{"state": ["scheduled", "confirmed"], "reason": ["•", "•"], "starts_at": [null, "2026-03-02T09:00:00+00:00"]}}',
       ARRAY[gen_random_uuid()] FROM generate_series(1, %s) AS n
"""


class Scene:
    """A clinic with a sealed trail, and the hands of a superuser."""

    def __init__(self, clinic: Clinic, entries: int) -> None:
        self.clinic = clinic
        self.chain = chains.of_clinic(self.clinic)
        with owner_cursor() as cursor:
            for done in range(0, entries, 50_000):
                cursor.execute(sql.SQL(FILL).format(self.chain.entries), [min(50_000, entries - done)])
        begun = time.monotonic()
        seal(self.chain)
        self.took = time.monotonic() - begun


def superuser() -> Any:
    port = settings.DATABASES["owner"]["PORT"]
    address = Cluster(Profile.named(os.environ.get("HEALTHCARE_PROFILE", "dev"))).superuser(
        int(port), settings.DATABASES["owner"]["NAME"]
    )
    return psycopg.connect(address)


class Hands:
    """Statements on entries and seals in one transaction, triggers off."""

    def __init__(self, chain: Any, cursor: Any) -> None:
        self.cursor, self.names = cursor, {"e": chain.entries, "s": chain.seal_table}
        cursor.execute("SET LOCAL session_replication_role = replica")
        self.numbers = [n for (n,) in self("SELECT number FROM {e} ORDER BY number")]
        self.seals = self("SELECT number, first, last FROM {s} ORDER BY number")

    def __call__(self, statement: str, *values: Any) -> list[Any]:
        self.cursor.execute(sql.SQL(statement).format(**self.names), values)
        return self.cursor.fetchall() if self.cursor.description else []

    def one(self) -> int:
        return random.choice(self.numbers)


Where = tuple[set[int], set[int]]  # entries and seals that a finding must name, one of them at least


def edit(hands: Hands) -> Where:
    number = hands.one()
    column = random.choice(["actor = gen_random_uuid()", "at = at - interval '1 day'", "purpose = 'other'", "changes = '{{}}'"])
    hands(f"UPDATE {{e}} SET {column} WHERE number = %s", number)
    return {number}, set()


def delete(hands: Hands) -> Where:
    gone = set(random.sample(hands.numbers[:-1], random.choice([1, 1, 3])))
    hands("DELETE FROM {e} WHERE number = ANY(%s)", list(gone))
    return gone, set()


def insert(hands: Hands) -> Where:
    number = random.choice([hands.one(), 0, -random.randint(1, 99)])
    copied = "INSERT INTO {e} SELECT (jsonb_populate_record(e, jsonb_build_object('number', %s, 'id', gen_random_uuid()))).*"
    hands(copied + " FROM {e} e WHERE number = %s", number, hands.one())
    return {number}, set()


def swap(hands: Hands) -> Where:
    a, b = random.sample(hands.numbers, 2)
    hands("UPDATE {e} SET number = CASE number WHEN %s THEN %s ELSE %s END WHERE number IN (%s, %s)", a, b, a, a, b)
    return {a, b}, set()


def cut(hands: Hands) -> Where:
    left = random.randrange(len(hands.numbers) - 50, len(hands.numbers))
    hands("DELETE FROM {e} WHERE number >= %s", hands.numbers[left])
    return set(hands.numbers[left:]), set()


def put_back(hands: Hands) -> Where:
    number, _, last = random.choice(hands.seals[:-1])
    hands("DELETE FROM {s} WHERE number > %s", number)
    hands("DELETE FROM {e} WHERE number > %s", last)
    return set(), {number + 1}


def unseal(hands: Hands) -> Where:
    number = random.choice(hands.seals[:-1])[0]
    hands("DELETE FROM {s} WHERE number = %s", number)
    return set(), {number}


def edit_seal(hands: Hands) -> Where:
    number = random.choice(hands.seals)[0]
    hands("UPDATE {s} SET sealed_at = sealed_at - interval '1 day' WHERE number = %s", number)
    return set(), {number}


def edit_both(hands: Hands) -> Where:
    """An entry, and its leaf in the seal, with a digest that fits: but nobody can sign it."""
    number, first, last = random.choice(hands.seals)
    target = random.choice([n for n in hands.numbers if first <= n <= last])
    hands("UPDATE {e} SET purpose = 'other' WHERE number = %s", target)
    hands("UPDATE {s} SET leaves = ''::bytea, digest = sha256(''::bytea), rows = 0 WHERE number = %s", number)
    return {target}, {number}


TAMPERINGS: tuple[Callable[[Hands], Where], ...] = (edit, delete, insert, swap, cut, put_back, unseal, edit_seal, edit_both)


def is_named(findings: list[Any], where: Where) -> bool:
    entries, seals = where
    told = {number for finding in findings for number in numbers_in(finding.entries)}
    return entries <= told if entries and not seals else bool(seals & {f.seal for f in findings})


def numbers_in(text: str) -> set[int]:
    found: set[int] = set()
    for piece in text.split(" and ")[0].split(", ") if text else ():
        low, _, high = piece.partition("–")
        found |= set(range(int(low), int(high or low) + 1))
    return found


def tampered(scene: Scene) -> int:
    missed: Counter[str] = Counter()
    done: Counter[str] = Counter()
    known = anchors.of(scene.chain.name)
    with superuser() as connection:
        for turn in range(DEEDS):
            deed = TAMPERINGS[turn % len(TAMPERINGS)]
            with connection.cursor() as cursor:
                where = deed(Hands(scene.chain, cursor))
                findings = verify(scene.chain, cursor, known).findings
            connection.rollback()
            done[deed.__name__] += 1
            missed[deed.__name__] += not is_named(findings, where)
    for name, count in done.items():
        print(f"  {name:10} {count - missed[name]}/{count} found and placed")
    return sum(missed.values())


def clean(scene: Scene) -> tuple[float, int]:
    """The shortest of three runs, and the false alarms of all, the last two beside writers and the sealer."""
    stop, alarms, took = threading.Event(), 0, []
    writer = threading.Thread(target=_write, args=(scene, stop))
    for turn in range(3):
        if turn == 1:
            writer.start()
        begun = time.monotonic()
        known = anchors.of(scene.chain.name)
        with snapshot() as cursor:
            verdict = verify(scene.chain, cursor, known)
        took.append(time.monotonic() - begun)
        alarms += len(verdict.findings)
        print(f"  {verdict.rows} entries, {verdict.seals} seals: {took[-1]:.2f} s, {len(verdict.findings)} findings")
    stop.set()
    writer.join()
    return min(took), alarms


def _write(scene: Scene, stop: threading.Event) -> None:
    from django.db import connection

    while not stop.wait(0.05):
        with in_clinic(scene.clinic):
            record("access", "patients.patient", "drill")
        seal(scene.chain)
    connection.close()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings.AUDIT_ANCHORS = [folder]
        sealing.LARGEST, largest = 500, sealing.LARGEST
        with throwaway("small") as clinic:
            small = Scene(clinic, SMALL)
            sealing.LARGEST = largest
            print(f"{DEEDS} tamperings as superuser, each on {SMALL} sealed entries:")
            missed = tampered(small)
        with throwaway("big") as clinic:
            big = Scene(clinic, CLEAN)
            print(f"sealed {CLEAN} entries in {big.took:.1f} s; a clean trail, then beside writers:")
            took, alarms = clean(big)
    print(f"found and placed {DEEDS - missed}/{DEEDS}; false alarms {alarms}; {CLEAN} entries verified in {took:.2f} s")
    return 0 if not missed and not alarms and took <= TARGET * CLEAN / 1_000_000 else 1


if __name__ == "__main__":
    sys.exit(main())
