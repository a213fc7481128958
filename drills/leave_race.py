#!/usr/bin/env python3
"""Is anybody lost or kept waiting where a leave is entered, undone, or an emergency approved while others book and move?

    python drills/leave_race.py [rounds] [--base http://127.0.0.1:8088]     (20)

Over REST, in the demo's clinic `north`: in each round twelve book a doctor's day, three of its appointments are moved and
confirmed, and a leave over the day is entered, all at once; then it is undone, twice at once. Between rounds an emergency is
approved while its victim moves. Right is: no answer of 500 and more, and nobody whose appointment lies in a leave unseen (the
leave's hits name all who stayed). Exits 1 otherwise. What it made it cancels.
"""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.visitor import Visitor
from benchmarks.wire import Answer

GOING = ("pending", "scheduled", "confirmed")
Call = tuple[Visitor, str, dict[str, Any]]


class Drill:
    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.faults: list[str] = []
        self.made: set[str] = set()

    async def begin(self, base: str) -> None:
        self.desk, self.head, self.doctor = [
            await Visitor.sign_in(base, "north", role) for role in ("receptionist", "clinic_admin", "doctor")
        ]
        self.patients = [one["id"] for one in await self.desk.listed("/users/patients", 100)]
        cards = await self.desk.listed("/users/doctors?kind=follow_up", 50)
        self.cards = [one["id"] for one in cards if "consultation" in one["kinds"]]

    async def at_once(self, *calls: Call) -> list[Answer]:
        lines = [who.connections(1)[0] for who, _, _ in calls]
        asked = [line.call("POST", path, body) for line, (_, path, body) in zip(lines, calls, strict=True)]
        answers = await asyncio.gather(*asked)
        for line, answer in zip(lines, answers, strict=True):
            line.close()
            shown = answer.json()
            self.came[f"{answer.status} {shown.get('code', '')}".strip()] += 1
            if answer.status >= 500:
                self.faults.append(f"answered {answer.status}")
            if answer.status == 201 and "doctor" in shown and "token" in shown:
                self.made.add(shown["id"])
        return answers

    async def times(self, doctor: str) -> list[str]:
        found = await self.desk.call("GET", f"/appointments/doctor/{doctor}/availability?kind=consultation&days=31")
        return [slot["starts_at"] for slot in found["slots"]]

    def booking(self, doctor: str, start: str, who: int) -> Call:
        patient = self.patients[who % len(self.patients)]
        wanted = {"kind": "consultation", "doctor": doctor, "starts_at": start, "patient": patient}
        return self.desk, "/appointments", wanted

    async def leave(self, number: int) -> None:
        doctor = self.cards[number % len(self.cards)]
        free = await self.times(doctor)
        date = free[len(free) // 2][:10]
        day = [start for start in free if start[:10] == date][:16]
        rows = [(await self.at_once(self.booking(doctor, start, number + n)))[0] for n, start in enumerate(day[:3])]
        theirs = [f"/appointments/{row.json()['id']}" for row in rows if row.status == 201]
        away = {"doctor": doctor, "starts_at": day[0], "ends_at": day[-1]}
        calls: list[Call] = [(self.head, "/appointments/leaves", away)]
        calls += [(self.desk, f"{one}/reschedule", {"starts_at": to}) for one, to in zip(theirs, free[-3:], strict=False)]
        calls += [(self.desk, f"{one}/confirm", {}) for one in theirs]
        calls += [self.booking(doctor, start, number + 20 + n) for n, start in enumerate(day[3:15])]
        entered = (await self.at_once(*calls))[0]
        if entered.status != 201:
            return
        taken = entered.json()
        there = await self.desk.listed(f"/appointments?practitioner={doctor}&from={date}&to={date}", 200)
        left = {hit["appointment"] for hit in taken["hits"] if hit["outcome"] == "left"}
        inside = [one["id"] for one in there if one["state"] in GOING and day[0] <= one["starts_at"] < day[-1]]
        self.faults += [f"in the leave unseen: {one}" for one in inside if one not in left]
        await self.at_once(*[(self.head, f"/appointments/leaves/{taken['id']}/undo", {})] * 2)

    async def emergency(self, number: int) -> None:
        doctor = self.cards[number % len(self.cards)]
        free = await self.times(doctor)
        victim = (await self.at_once(self.booking(doctor, free[20 + number], number)))[0]
        _, _, wanted = self.booking(doctor, free[20 + number], number + 50)
        asked = {**wanted, "priority": "emergency", "reason": "drill"}
        override = (await self.at_once((self.desk, "/appointments/overrides", asked)))[0]
        if (victim.status, override.status) != (201, 201):
            return
        approve = (self.doctor, f"/appointments/overrides/{override.json()['id']}/approve", {})
        move = (self.desk, f"/appointments/{victim.json()['id']}/reschedule", {"starts_at": free[-1]})
        answers = await self.at_once(approve, approve, move)
        self.made |= {one.json()["appointment"] for one in answers[:2] if one.status == 200}

    async def tidy(self) -> None:
        for row in self.made:
            await self.desk.own.call("POST", f"/appointments/{row}/cancel", {})


async def main() -> int:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("rounds", type=int, nargs="?", default=20)
    said.add_argument("--base", default="http://127.0.0.1:8088")
    asked = said.parse_args()
    drill = Drill()
    await drill.begin(asked.base)
    try:
        for number in range(asked.rounds):
            await drill.leave(number)
            await drill.emergency(number)
            print(f"round {number + 1}: {dict(sorted(drill.came.items()))}", flush=True)
    finally:
        await drill.tidy()
    print("\n".join(drill.faults) or f"{asked.rounds} rounds, all as it should be")
    return 1 if drill.faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
