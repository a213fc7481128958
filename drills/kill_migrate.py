#!/usr/bin/env python3
"""Does anybody notice when migrate_clinics is killed, again and again, while clinics work? Exits 1 if so.

    python drills/kill_migrate.py [--rounds 10] [--clinics 12] [--seed N]

Starts a product of its own with demo data (profile `kill-migrate`), opens more clinics and lets people read over HTTP all the
while. Each round writes a new migration (a column and its index), kills the run at a random moment, either the whole family
of processes or the parent alone, then runs it again. Right is: no request failed, after each kill every schema is whole
(column and record, or neither), the second run completes. What was started is ended and deleted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.visitor import Visitor  # noqa: E402
from clinics.tests.synthetic import Package, add_indexed_column, schemas_with  # noqa: E402
from healthcare.embedded.product import Product, running_product  # noqa: E402

PROFILE = "kill-migrate"
LIMITS = {"LIMITS_TIMES": "1000", "RATE_LIMIT_MAX": "100000000"}
PATHS = ("/appointments?page_size=20", "/patients?page_size=20")
DEMO = ("north", "south", "lakeside")


class Traffic(threading.Thread):
    """People of a clinic who read one page after the other; answers are counted by status."""

    def __init__(self, base: str, clinic: str) -> None:
        super().__init__(daemon=True)
        self.base, self.clinic = base, clinic
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0
        self.stop = threading.Event()

    def run(self) -> None:
        asyncio.run(self._read())

    async def _read(self) -> None:
        desk = await Visitor.sign_in(self.base, self.clinic)
        while not self.stop.is_set():
            for path in PATHS:
                try:
                    answer = await desk.own.call("GET", path)
                    self.answers[str(answer.status)] += 1
                    self.slowest = max(self.slowest, answer.seconds)
                except OSError as error:
                    self.answers[type(error).__name__] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clinics", type=int, default=12, help="opened besides the demo's")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    with running_product(PROFILE, LIMITS) as product, tempfile.TemporaryDirectory() as folder:
        for number in range(given.clinics):
            product.manage("clinic_create", f"more-{number}", f"More {number}")
        os.environ.update(product.env)
        package = Package.made(Path(folder), "synthetic_drill")
        traffic = [Traffic(product.base_url, clinic) for clinic in clinics_of(product)]
        for reader in traffic:
            reader.start()
        usual, good = ordinary(package), True
        for number in range(given.rounds):
            moment = chance.uniform(0, usual)
            good &= one_round(package, product, number + 1, moment, whole=number % 2 == 0, early=number % 5 == 4)
        for reader in traffic:
            reader.stop.set()
            reader.join(60)
        return 0 if report(traffic) and good else 1


def clinics_of(product: Product) -> list[str]:
    """The demo's clinics: only they have people who can sign in."""
    slugs = [line.split()[0] for line in product.manage("clinic_list").splitlines()]
    return [slug for slug in slugs if not slug.startswith("more-")][:2]


def ordinary(package: Package) -> float:
    """Seconds that a run works which nobody kills, without what Python takes to start."""
    package.add(add_indexed_column(9001))
    code, said = package.run()
    if code:
        sys.exit(f"the first run failed:\n{said}")
    last = said.strip().splitlines()[-1]
    print(f"undisturbed: {last}", flush=True)
    return float(re.findall(r"\(([\d.]+) s\)", last)[-1])


def one_round(package: Package, product: Product, number: int, moment: float, *, whole: bool, early: bool) -> bool:
    """`moment` counts from the first schema that is done, or (`early`) from the start, so that no part is left out."""
    package.add(add_indexed_column(9001 + number))
    process = package.start()
    assert process.stdout
    if not early:
        process.stdout.readline()
    threading.Thread(target=process.stdout.read, daemon=True).start()
    time.sleep(moment)
    was_over = process.poll() is not None
    if not was_over:
        (os.killpg if whole else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    having, recorded = look(product, 9001 + number)
    code, said = package.run()
    all_having, all_recorded = look(product, 9001 + number)
    good = having == recorded and code == 0 and all_having == all_recorded and len(all_having) > len(DEMO)
    how = "over before" if was_over else f"{'family' if whole else 'parent'} killed"
    when = f"{moment:.2f} s after {'the start' if early else 'the first schema'}"
    half = "" if having == recorded else ", SOME HALF"
    then = said.strip().splitlines()[-1] + ("" if good else "   WRONG")
    print(f"round {number}: {how} {when}, {len(having)} of {len(all_having)} schemas done{half}; then {then}", flush=True)
    return good


def look(product: Product, number: int) -> tuple[set[str], set[str]]:
    """Columns and records at one instant."""
    with psycopg.connect(product.env["OWNER_DATABASE_URL"]) as line:
        line.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with line.cursor() as cursor:
            return schemas_with(cursor, number)


def report(traffic: list[Traffic]) -> bool:
    answers = sum((reader.answers for reader in traffic), Counter())
    wrong = sum(count for status, count in answers.items() if status != "200")
    slowest = max(reader.slowest for reader in traffic)
    print(f"answers to clients: {dict(answers)}, slowest {slowest:.2f} s; errors: {wrong}")
    return wrong == 0 and answers["200"] > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
