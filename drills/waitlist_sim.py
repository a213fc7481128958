#!/usr/bin/env python3
"""Does a waitlist fill itself while workers are killed? 500 cancellations, 2,000 people waiting; exits 1 if a truth breaks.

    python drills/waitlist_sim.py [--cancel 500] [--waiting 2000] [--seed 1]

On services of its own (profile `waitlist-sim`). People accept, decline or do not answer (a hold is 3 s here); two workers do
the jobs and are killed at random. Truths: nobody holds what another holds, at any moment that is looked at; every freed time
ends with one holder, or nobody is left whom it suits; every offer has its rank and what it was made of.
"""

import argparse
import datetime as dt
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drills.hands import Hands, begin

JOBS = ("waitlist.fill", "appointment.expire")
SLOTS = 20  # a doctor's day
OVERLAPS = """
SELECT count(*) FROM appointments_claim a JOIN appointments_claim b ON a.resource_id = b.resource_id AND a.lane = b.lane
AND a.during && b.during AND a.id < b.id
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cancel", type=int, default=500)
    parser.add_argument("--waiting", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begin("waitlist-sim", WAITLIST_HOLD="3 seconds")
    from healthcare.core.tenancy import find_clinic, in_clinic

    with in_clinic(find_clinic("north")):
        return Simulation(given.cancel, given.waiting, given.seed).run()


class Simulation:
    def __init__(self, cancel: int, waiting: int, seed: int) -> None:
        from appointments.waitlist.models import Offer, Opening, Wish

        self.cancel, self.waiting, self.chance = cancel, waiting, random.Random(seed)
        self.Offer, self.Opening, self.Wish = Offer, Opening, Wish
        self.faults: list[str] = []
        self.answers: Counter[str] = Counter()
        self.decided: set[Any] = set()

    def run(self) -> int:
        began = time.monotonic()
        rows = self.fill_the_day()
        self.let_them_wait()
        print(f"{len(rows)} booked, {self.waiting} waiting, after {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        with Hands(JOBS, seed=self.chance.randrange(1000)) as hands:
            self.free_and_answer(rows)
            self.settle()
            kills = hands.kills
        took = time.monotonic() - began
        self.judge(rows)
        states = Counter(self.Opening.objects.values_list("state", flat=True))
        print(f"{kills} kills in {took:.0f} s; openings {dict(states)}; answers {dict(self.answers)}")
        print(f"offers {self.Offer.objects.count()}; faults {len(self.faults)}")
        for fault in self.faults[:20]:
            print("FAULT", fault)
        return 1 if self.faults or kills == 0 else 0

    def fill_the_day(self) -> list[Any]:
        from django.utils import timezone

        from appointments.models import Practitioner
        from appointments.services.booking import book
        from healthcare.tests import make

        self.now = timezone.now()
        self.day = self.now.date() + dt.timedelta(days=2)
        weekly = [(weekday, dt.time(9), dt.time(9 + SLOTS // 6, SLOTS % 6 * 10)) for weekday in range(7)]
        rows, self.doctors = [], []
        for number in range(-(-self.cancel // SLOTS)):
            made = make.practitioner(name=f"Dr {number}", weekly=weekly, horizon_days=3)
            doctor = Practitioner.objects.with_place().get(pk=made.pk)
            self.doctors.append(doctor)
            first = dt.datetime.combine(self.day, dt.time(9), doctor.place.clock)
            for slot in range(min(SLOTS, self.cancel - len(rows))):
                at = first + dt.timedelta(minutes=10 * slot)
                known = {"kind": "consultation", "by": None, "now": self.now, "search": False}
                rows.append(book(patient=make.patient(), practitioner=doctor, starts_at=at, **known))
        return rows

    def let_them_wait(self) -> None:
        from appointments.waitlist.services.joining import join
        from healthcare.tests import make

        urgencies = ["normal"] * 6 + ["low", "high", "urgent", "routine"]
        for _ in range(self.waiting):
            known: dict[str, Any] = {"urgency": self.chance.choice(urgencies)}
            if self.chance.random() < 0.3:
                known["practitioner"] = self.chance.choice(self.doctors)
            if self.chance.random() < 0.3:
                known["earliest"] = dt.time(self.chance.choice((9, 10, 11)))
            if self.chance.random() < 0.1:
                known["weekdays"] = ((self.day.weekday() + 1) % 7,)  # cannot come that day
            joined = self.now - dt.timedelta(hours=self.chance.uniform(0, 900))
            until = self.day + dt.timedelta(days=9)
            days = {"from_on": self.now.date(), "until_on": until}
            wish = join(patient=make.patient(), kind="consultation", by=None, now=self.now, **days, **known)
            self.Wish.objects.filter(pk=wish.pk).update(joined_at=joined)

    def free_and_answer(self, rows: list[Any]) -> None:
        from django.utils import timezone

        from appointments.services import steps

        self.chance.shuffle(rows)
        for number, row in enumerate(rows):
            steps.cancel(appointment=row, by=None, now=timezone.now())
            if number % 10 == 9:
                self.answer()

    def settle(self) -> None:
        """Until no time is open any more."""
        ends = time.monotonic() + 900
        while self.Opening.objects.filter(state="open").exists():
            if time.monotonic() > ends:
                self.faults.append("times are still open after fifteen minutes")
                return
            self.answer()
            time.sleep(0.3)

    def answer(self) -> None:
        from django.utils import timezone

        from appointments.waitlist.services.answering import accept, decline
        from healthcare.core.errors import Refused

        self.look()
        for offer in self.Offer.objects.filter(state="open").select_related("wish").exclude(pk__in=self.decided):
            self.decided.add(offer.pk)
            act = self.chance.choice((accept, accept, accept, decline, None))
            try:
                if act is not None:
                    act(wish=offer.wish, by=None, now=timezone.now())
                self.answers[act.__name__ if act else "no answer"] += 1
            except Refused as refused:
                self.answers[refused.code] += 1

    def look(self) -> None:
        from django.db import connection
        from django.db.models import Count

        held = self.Offer.objects.filter(state__in=("open", "accepted"))
        for what in ("opening", "appointment"):
            twice = held.values(what).annotate(n=Count("id")).filter(n__gt=1).count()
            if twice:
                self.faults.append(f"{twice} times two holders of one {what}")
        with connection.cursor() as cursor:
            cursor.execute(OVERLAPS)
            if overlaps := cursor.fetchone()[0]:
                self.faults.append(f"{overlaps} claims overlap")

    def judge(self, rows: list[Any]) -> None:
        from appointments.models import Appointment
        from appointments.waitlist.ranking import URGENCY

        self.look()
        if (noted := self.Opening.objects.count()) < len(rows):
            self.faults.append(f"{len(rows)} times were freed, {noted} noted")
        for opening in self.Opening.objects.select_related("practitioner"):
            live = Appointment.objects.filter(
                practitioner=opening.practitioner, starts_at=opening.starts_at, state__in=("scheduled", "confirmed", "pending")
            ).count()
            if live != (opening.state == "filled"):
                self.faults.append(f"an opening is {opening.state} and {live} hold its time")
            if opening.state == "unwanted":
                self.nobody_is_left(opening)
        for rank in self.Offer.objects.values_list("rank", flat=True):
            points = URGENCY[rank["urgency"]] + min(30.0, rank["waited_hours"] / 24) + rank["fit"]
            if abs(points - rank["points"]) > 0.05:
                self.faults.append(f"points {rank['points']} are not what they were made of: {points:.2f}")

    def nobody_is_left(self, opening: Any) -> None:
        """Of those who wait still, whom it suits and who was not asked of it, everybody is busy then."""
        zone = self.doctors[0].place.clock
        day = opening.starts_at.astimezone(zone).date()
        asked = opening.offers.values("wish")
        rows = self.Wish.objects.for_time(opening.practitioner, day).exclude(pk__in=asked)
        late = [row for row in rows if row.fits(opening.starts_at, zone)]
        # who was offered another time while this one was closed waits again now; more than that is a time lost
        if any(not row.offers.exists() for row in late):
            self.faults.append("a time was given up though somebody waits whom nobody asked")


if __name__ == "__main__":
    sys.exit(main())
