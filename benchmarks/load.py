#!/usr/bin/env python3
"""How much does the running server bear? Loads it and prints requests a second, p50, p99 and processor time a request.

    python benchmarks/load.py [http://127.0.0.1:8088] [--only list read book refused sockets] [--json FILE]

The server needs the demo, and a limit that does not stop the load: each session may make RATE_LIMIT_MAX calls a minute
(1000), so start the server for the run with

    RATE_LIMIT_MAX=100000000 ./run.sh dev restart

`list` and `read` run for --seconds on --connections; `book` makes and afterwards cancels --bookings; `refused` asks for a
time that is taken; `sockets` moves one queue on before --sockets screens. Processor time is read from /proc for the server
that `./run.sh dev start` runs (--profile), or for the process trees that --pids names. README.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fanout import fan_out  # noqa: E402
from benchmarks.figures import Meter, quantile  # noqa: E402
from benchmarks.visitor import Visitor  # noqa: E402
from benchmarks.wire import Answer, Connection  # noqa: E402

SCENARIOS = ("list", "read", "book", "refused", "sockets")
PAGE = "/appointments?page_size=20"
Row = dict[str, Any]
Ask = Callable[[Connection], Awaitable[Answer]]


class Load:
    """One run against one server."""

    def __init__(self, desk: Visitor, meter: Meter, given: argparse.Namespace) -> None:
        self.desk, self.meter, self.given = desk, meter, given

    async def list(self) -> Row:
        """Twenty appointments with the names of patients and doctors."""
        page = await self.desk.call("GET", PAGE)
        if len(page["results"]) < 20:
            sys.exit("the clinic has fewer than 20 appointments: seed the demo (manage.py demo)")
        return await self._for_a_while("list", lambda line: line.call("GET", PAGE))

    async def read(self) -> Row:
        """One appointment."""
        row = (await self.desk.call("GET", PAGE))["results"][0]
        return await self._for_a_while("read", lambda line: line.call("GET", f"/appointments/{row['id']}"))

    async def book(self) -> Row:
        """Free times of several doctors, each for another patient."""
        wanted = await self._bookings()
        made: list[Answer] = []

        async def one(line: Connection) -> Answer:
            made.append(answer := await line.call("POST", "/appointments", next(wanted)))
            return answer

        row = await self._measured("book", one, until=_times(self.given.bookings), right=201)
        for answer in made:
            if answer.status == 201:
                await self.desk.call("DELETE", f"/appointments/{answer.json()['id']}", want=204)
        return row

    async def refused(self) -> Row:
        """A time that somebody has: the answer looks for alternatives, so it costs more than a booking."""
        patients = [row["id"] for row in await self.desk.listed("/patients", 2)]
        taken = (await self.desk.free_times(days=2, doctors=1))[-1]
        made = await self.desk.call("POST", "/appointments", {**taken, "patient": patients[0]}, want=201)
        asked = {**taken, "patient": patients[1]}
        try:
            return await self._for_a_while("refused", lambda line: line.call("POST", "/appointments", asked), right=409)
        finally:
            await self.desk.call("DELETE", f"/appointments/{made['id']}", want=204)

    async def sockets(self) -> Row:
        """Screens of one queue, each told of every step."""
        return await fan_out(self.desk, self.meter, self.given.sockets, self.given.rounds)

    async def _bookings(self) -> Iterator[Row]:
        number = self.given.bookings
        offers = sorted(await self.desk.free_times(days=14), key=lambda offer: offer["starts_at"])
        offers = [offer for offer in offers if dt.datetime.fromisoformat(offer["starts_at"]) > _in_two_hours()]
        patients = [row["id"] for row in await self.desk.listed("/patients", 300)]
        if len(offers) < number or len(patients) < 50:
            sys.exit(f"{len(offers)} free times for {number} bookings: seed the demo, or ask for fewer (--bookings)")
        # neighbours in time get different patients, so nobody is wanted in two places
        return iter([{**offer, "patient": patients[n % len(patients)]} for n, offer in enumerate(offers[:number])])

    async def _for_a_while(self, name: str, ask: Ask, right: int = 200) -> Row:
        end = time.monotonic() + self.given.seconds
        return await self._measured(name, ask, until=lambda: time.monotonic() >= end, right=right)

    async def _measured(self, name: str, ask: Ask, until: Callable[[], bool], right: int) -> Row:
        lines = self.desk.connections(self.given.connections)
        await asyncio.gather(*(line.open() for line in lines))
        answers: list[Answer] = []

        async def work(line: Connection) -> None:
            while not until():
                answers.append(await ask(line))

        spent, begun = self.meter.read(), time.perf_counter()
        await asyncio.gather(*map(work, lines))
        seconds, spent = time.perf_counter() - begun, self.meter.read().since(spent)
        for line in lines:
            line.close()
        wrong = [answer.status for answer in answers if answer.status != right]
        times = [answer.seconds * 1000 for answer in answers]
        return {
            "scenario": name,
            "count": len(answers),
            "wrong": len(wrong),
            "per_second": round(len(answers) / seconds, 1),
            "p50_ms": round(quantile(times, 0.5), 1),
            "p99_ms": round(quantile(times, 0.99), 1),
            "cpu_ms": {part: round(used * 1000 / len(answers), 2) for part, used in spent.by_part.items()},
        }


def main() -> int:
    given = arguments()
    named = {f"pid {pid}": pid for pid in given.pids}
    rows = asyncio.run(run(given, Meter(named) if named else Meter.of_profile(ROOT / ".local" / given.profile)))
    if given.json:
        whole = {"at": dt.datetime.now(dt.UTC).isoformat(), "cores": os.cpu_count(), "rows": rows}
        given.json.write_text(json.dumps(whole, indent=1))
    return 1 if any(row["wrong"] for row in rows) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8088")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS, metavar="SCENARIO")
    parser.add_argument("--clinic", default="north")
    parser.add_argument("--seconds", type=float, default=10, help="of list, read and refused (10)")
    parser.add_argument("--connections", type=int, default=8, help="kept open, one call at a time on each (8)")
    parser.add_argument("--bookings", type=int, default=300)
    parser.add_argument("--sockets", type=int, default=200, help="screens on one queue (200)")
    parser.add_argument("--rounds", type=int, default=20, help="people called before the screens (20)")
    parser.add_argument("--profile", default="dev", help="whose processes are metered (dev)")
    parser.add_argument("--pids", type=int, nargs="+", default=(), help="roots of the process trees to meter instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


async def run(given: argparse.Namespace, meter: Meter) -> list[Row]:
    desk = await Visitor.sign_in(given.base.rstrip("/"), given.clinic)
    load, rows = Load(desk, meter, given), []
    print(f"{'':<9}{'count':>7}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}   processor time each", flush=True)
    for name in given.only:
        rows.append(row := await getattr(load, name)())
        print(line(row), flush=True)
    return rows


def line(row: Row) -> str:
    unit, costs = ("µs", row["cpu_us"]) if "cpu_us" in row else ("ms", row["cpu_ms"])
    cost = ", ".join(f"{part} {used} {unit}" for part, used in costs.items()) or "not metered (no process known)"
    wrong = f"   WRONG ANSWERS: {row['wrong']}" if row["wrong"] else ""
    return f"{row['scenario']:<9}{row['count']:>7}{row['per_second']:>9}{row['p50_ms']:>9}{row['p99_ms']:>9}   {cost}{wrong}"


def _times(number: int) -> Callable[[], bool]:
    """False that many times, then True."""
    left = iter(range(number))
    return lambda: next(left, None) is None


def _in_two_hours() -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)


if __name__ == "__main__":
    sys.exit(main())
