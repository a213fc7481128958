#!/usr/bin/env python3
"""Two hundred hands reach for one free time in the same moment, over HTTP: who gets it, and at what cost?

    python drills/burst.py [http://127.0.0.1:8088] [--hands 200] [--profile dev | --log FILE]

Needs a running server with the demo. The desk books the same time for that many different patients, each on a connection of
its own that is open before. Right is: one 201, all others 409, no deadlock in PostgreSQL's log. Exits 1 otherwise. The one
booking is cancelled afterwards, so the drill can be run again and again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import quantile  # noqa: E402
from benchmarks.visitor import Visitor  # noqa: E402
from benchmarks.wire import Answer, Connection  # noqa: E402

ROLES = ("receptionist", "medical_assistant", "clinic_admin")  # who may book for others; one session each


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8088")
    parser.add_argument("--clinic", default="north")
    parser.add_argument("--hands", type=int, default=200, help="simultaneous bookings (200; at most the clinic's patients)")
    parser.add_argument("--profile", default="dev", help="whose embedded PostgreSQL wrote the log (dev)")
    parser.add_argument("--log", type=Path, help="PostgreSQL's log, where it is not the embedded one")
    given = parser.parse_args()
    log = given.log or ROOT / ".local" / given.profile / "log" / "postgresql.log"
    if not log.is_file():
        parser.error(f"{log} is no file: name PostgreSQL's log with --log")
    seen = log.stat().st_size
    answers = asyncio.run(burst(given.base.rstrip("/"), given.clinic, given.hands))
    return report(answers, deadlocks(log, seen))


async def burst(base: str, clinic: str, hands: int) -> list[Answer]:
    desks = [await Visitor.sign_in(base, clinic, role) for role in ROLES]
    patients = [row["id"] for row in await desks[0].listed("/patients", hands)]
    if len(patients) < hands:
        sys.exit(f"{clinic} has {len(patients)} patients only: --hands {len(patients)}")
    offers = await desks[0].free_times(days=7, doctors=1)
    if not offers:
        sys.exit(f"nobody in {clinic} has a free time within a week")
    wanted = offers[-1]
    lines = [desks[number % len(desks)].connections(1)[0] for number in range(hands)]
    await asyncio.gather(*(line.open() for line in lines))
    print(f"{hands} hands, one time: {wanted['starts_at']}", flush=True)
    answers = await asyncio.gather(*(reach(line, wanted, who) for line, who in zip(lines, patients, strict=True)))
    for row in [answer.json() for answer in answers if answer.status == 201]:
        await desks[0].call("DELETE", f"/appointments/{row['id']}", want=204)
    return list(answers)


async def reach(line: Connection, wanted: dict[str, Any], patient: str) -> Answer:
    try:
        return await line.call("POST", "/appointments", {**wanted, "patient": patient})
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return Answer(0, b"", float("inf"))


def deadlocks(log: Path, since: int) -> int:
    with log.open("rb") as file:
        file.seek(since)
        return file.read().count(
            b"detected deadlock"
        )  # of log_lock_waits; what the server says to the client is not in the log


def report(answers: list[Answer], dead: int) -> int:
    counts = Counter(answer.status for answer in answers)
    times = [answer.seconds * 1000 for answer in answers]
    for status, number in sorted(counts.items()):
        print(f"  {status or 'no answer':<10} {number:>4}")
    print(f"  p50 {quantile(times, 0.5):.0f} ms   p99 {quantile(times, 0.99):.0f} ms   all answered after {max(times):.0f} ms")
    print(f"  deadlocks in the log: {dead}")
    right = counts == {201: 1, 409: len(answers) - 1} and dead == 0
    print("one got it, all others were refused" if right else "NOT as it should be: one 201, all others 409, no deadlock")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
