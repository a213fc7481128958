#!/usr/bin/env python3
"""What do 200 clinics cost? Opens them, migrates them, serves them, saves them; prints a table against the targets.

    python benchmarks/clinics.py [--clinics 200] [--rounds 5] [--requests 400] [--json FILE]

On embedded services of its own: one installation with a single clinic, one with many. A request's cost is measured in turns
(alone, busy, spread, and again), so that what else the machine does meets all alike. Cost is processor time of the web process
and PostgreSQL; a ratio is the median of the rounds' own. Exits 1 where a target is missed. README.md says what is what.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from clinics.tests.synthetic import Package, add_indexed_column  # noqa: E402
from healthcare.embedded import binaries, services  # noqa: E402
from healthcare.embedded.layout import Profile  # noqa: E402
from healthcare.embedded.postgresql import Cluster  # noqa: E402
from healthcare.embedded.product import clean_environment  # noqa: E402

PARTS = ("opening", "serving", "memory", "migrating", "saving")  # in this order; all others need the first
SLICE = 20  # requests of one kind before it is another kind's turn
MIXED = 18_000  # calls of all sorts over all clinics: an hour of five a second


class Row(NamedTuple):
    what: str
    measured: float
    unit: str
    target: float | None = None

    @property
    def met(self) -> bool:
        return self.target is None or self.measured <= self.target


class House:
    """One installation: services, schemas and a web process that does what it is told."""

    def __init__(self, name: str) -> None:
        self.profile = Profile.named(name)
        self.clear()
        self.env = {**clean_environment(ROOT), **services.start(self.profile), "RATE_LIMIT_MAX": "1000000000"}
        self.manage("migrate_clinics")
        command = [sys.executable, str(ROOT / "benchmarks" / "clinic_client.py")]
        self.web = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, do: str, **words: Any) -> dict[str, Any]:
        assert self.web.stdin and self.web.stdout
        self.web.stdin.write(json.dumps({"do": do, **words}) + "\n")
        self.web.stdin.flush()
        answer = self.web.stdout.readline()
        if not answer:
            sys.exit(f"the web process of {self.profile.name} ended at {do!r}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def manage(self, *words: str, env: dict[str, str] | None = None) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env={**self.env, **(env or {})}, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def end(self) -> None:
        if self.web.stdin:
            self.web.stdin.close()
        self.web.wait(30)
        self.clear()

    def clear(self) -> None:
        services.stop(self.profile)
        Cluster(self.profile).delete()
        shutil.rmtree(self.profile.folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clinics", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400, help="of each kind in each round (a multiple of 20)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    rows: list[Row] = []
    details: dict[str, Any] = {"cores": os.cpu_count(), "load": os.getloadavg()}
    with house("bench-one") as one, house("bench-many") as many:
        for name in PARTS:
            if name not in given.only:
                continue
            for row in globals()[name](one, many, given, details):
                rows.append(row)
                print(told(row), flush=True)
    if given.json:
        given.json.write_text(json.dumps({"rows": [row._asdict() for row in rows], **details}, indent=1) + "\n")
    return 0 if all(row.met for row in rows) else 1


@contextmanager
def house(name: str) -> Iterator[House]:
    made = House(name)
    try:
        yield made
    finally:
        made.end()


def opening(one: House, many: House, given: argparse.Namespace, details: dict[str, Any]) -> Iterator[Row]:
    one.ask("open", number=1)
    seconds = many.ask("open", number=given.clinics)["seconds"]
    details["opening_s"] = seconds
    yield Row(f"opening clinic no. {given.clinics}", seconds[-1], "s", 1.0)
    yield Row("opening a clinic, median", statistics.median(seconds), "s")
    begun = time.perf_counter()
    one.ask("fill")
    many.ask("fill")
    details["filling_s"] = time.perf_counter() - begun


def serving(one: House, many: House, given: argparse.Namespace, details: dict[str, Any]) -> Iterator[Row]:
    kinds = {"alone": (one, False), "busy": (many, False), "spread": (many, True)}
    for where, spread in kinds.values():
        where.ask("measure", spread=spread, requests=given.clinics)  # caches are filled
    rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(given.rounds):
        for kind, figures in one_round(kinds, given.requests).items():
            rounds[kind].append(figures)
    details["serving"] = rounds
    for kind, found in rounds.items():
        yield Row(f"a list, {kind}: processor time", statistics.median(map(cost, found)), "ms")
        yield Row(f"a list, {kind}: of it PostgreSQL's", statistics.median(r["postgres"] for r in found), "ms")
        yield Row(f"a list, {kind}: by the clock", statistics.median(r["wall"] for r in found), "ms")
    yield Row(f"one busy clinic among {given.clinics} ÷ alone", times(rounds, "busy", cost), "", 1.05)
    yield Row(f"spread over {given.clinics} ÷ alone", times(rounds, "spread", cost), "", 1.5)
    yield Row("the same by the clock: busy ÷ alone", times(rounds, "busy", lambda r: r["wall"]), "")
    yield Row("the same by the clock: spread ÷ alone", times(rounds, "spread", lambda r: r["wall"]), "")


def cost(figures: dict[str, float]) -> float:
    return figures["web"] + figures["postgres"]


def times(rounds: dict[str, list[dict[str, float]]], kind: str, of: Callable[[dict[str, float]], float]) -> float:
    """How many times as much as alone: the median of the rounds' own ratios, as rounds differ by what else goes on."""
    return statistics.median(of(here) / of(alone) for here, alone in zip(rounds[kind], rounds["alone"], strict=True))


def one_round(kinds: dict[str, tuple[House, bool]], requests: int) -> dict[str, dict[str, float]]:
    """Milliseconds a request of each kind. In short slices, so that what else the machine does meets all kinds alike."""
    spent = {kind: dict.fromkeys(("wall", "web", "postgres"), 0.0) for kind in kinds}
    for _ in range(requests // SLICE):
        for kind, (where, spread) in kinds.items():
            for part, seconds in where.ask("measure", spread=spread, requests=SLICE).items():
                spent[kind][part] += seconds * 1000 / requests
    return spent


def memory(one: House, many: House, given: argparse.Namespace, details: dict[str, Any]) -> Iterator[Row]:
    grown = [many.ask("memory")]
    for _ in range(6):
        many.ask("mixed", requests=MIXED // 6)
        grown.append(many.ask("memory"))
    details["memory"] = grown
    yield Row("largest backend before", grown[0]["largest_mb"], "MB")
    yield Row(f"… after half of {MIXED} mixed calls", grown[3]["largest_mb"], "MB")
    yield Row(f"… after {MIXED} mixed calls", grown[-1]["largest_mb"], "MB", 256)
    yield Row("… the whole ÷ half", grown[-1]["largest_mb"] / grown[3]["largest_mb"], "", 1.1)


def migrating(one: House, many: House, given: argparse.Namespace, details: dict[str, Any]) -> Iterator[Row]:
    begun = time.perf_counter()
    said = many.manage("migrate_clinics")
    yield Row("migrate_clinics, nothing owed: whole command", time.perf_counter() - begun, "s")
    yield Row("migrate_clinics, nothing owed", float(re.findall(r"\(([\d.]+) s\)", said)[-1]), "s", 2.0)
    with tempfile.TemporaryDirectory() as folder:
        package, report = Package.made(Path(folder), "synthetic_bench"), Path(folder) / "report.json"
        package.add(add_indexed_column(9001))
        new = {key: package.environment()[key] for key in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")}
        many.manage("migrate_clinics", "--json", str(report), env=new)
        found = json.loads(report.read_text())
    details["migrating"] = {"seconds": found["seconds"], "each": [row["seconds"] for row in found["outcomes"]]}
    if len(found["outcomes"]) != given.clinics + 1:
        sys.exit(f"{len(found['outcomes'])} schemas were migrated, not {given.clinics} and the template")
    yield Row("migrate_clinics, one AddField and its index", found["seconds"], "s", 40.0)


def saving(one: House, many: House, given: argparse.Namespace, details: dict[str, Any]) -> Iterator[Row]:
    tools = binaries.postgresql()
    with tempfile.TemporaryDirectory() as folder:
        file, begun = Path(folder) / "all.dump", time.perf_counter()
        _run(str(tools / "pg_dump"), "--format=custom", f"--file={file}", many.env["OWNER_DATABASE_URL"])
        seconds = time.perf_counter() - begun
        listed = _run(str(tools / "pg_restore"), "--list", str(file))
        saved = len(re.findall(r" TABLE DATA clinic_[0-9a-f]{32} patients_patient ", listed))
        if saved != given.clinics:
            sys.exit(f"the backup holds {saved} clinics, not {given.clinics}")
        yield Row(f"backup of all {given.clinics} clinics (pg_dump)", seconds, "s")
        yield Row("its size", file.stat().st_size / 2**20, "MB")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr[-500:]}")
    return done.stdout


def told(row: Row) -> str:
    goal = "" if row.target is None else f"   {'≤' if row.met else 'MISSED: over'} {row.target:g} {row.unit}"
    return f"{row.what:<58}{row.measured:>10.2f} {row.unit:<3}{goal}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
