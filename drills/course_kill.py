#!/usr/bin/env python3
"""Is a course whole or not there at all when its planner is killed? Kills at random moments; exits 1 if anything is half.

    python drills/course_kill.py [--rounds 20] [--seed 1]

On services of its own (profile `course-kill`): 21 sittings, two therapists, one room, across the autumn night. Each round
orders a course, kills the process that plans it at a random moment of its usual time, looks, lets it finish, misses a sitting,
kills the re-flow, looks, lets it finish. The time of planning and booking is printed (wanted: 2 s at most).
"""

import argparse
import datetime as dt
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drills.hands import begin

CHILD = """
import os, sys, time, datetime as dt
sys.path.insert(0, sys.argv[1])
import django; django.setup()
from django.conf import settings
from drills.course_kill import kinds_are_known
kinds_are_known(settings)
from appointments.courses.services import planning
from healthcare.core.tenancy import find_clinic, in_clinic
from healthcare.core.keystore import keys
with in_clinic(find_clinic("north")):
    now = dt.datetime.fromisoformat(sys.argv[4])
    print("ready", flush=True); sys.stdin.readline()
    began = time.perf_counter()
    getattr(planning, sys.argv[2])(course_id=sys.argv[3], now=now)
    print(time.perf_counter() - began, flush=True)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begin("course-kill")
    from django.conf import settings

    from healthcare.core.tenancy import find_clinic, in_clinic

    with in_clinic(find_clinic("north")):
        kinds_are_known(settings)
        return Drill(given.rounds, given.seed).run()


def kinds_are_known(settings: object) -> None:
    from appointments.courses.tests.scene import with_kinds
    from appointments.plugins.registry import kinds

    with_kinds(settings)
    kinds.cache_clear()


class Drill:
    def __init__(self, rounds: int, seed: int) -> None:
        self.rounds, self.chance = rounds, random.Random(seed)
        self.faults: list[str] = []
        self.times: list[float] = []
        self.reflows: list[float] = []
        self.killed = 0

    def run(self) -> int:
        from appointments.courses.tests import scene
        from appointments.models import Appointment

        usual = 1.0
        for number in range(self.rounds):
            Appointment.objects.exclude(state="cancelled").update(state="cancelled")
            self._empty()
            scene.house() if number == 0 else None
            template = scene.template(name=f"Panchakarma {number}")
            course = scene.ordered(template)
            self._act("book_course", course, scene.NOW, usual, self.times)
            usual = self.times[-1]
            now = self._miss(course)
            self._act("reflow", course, now, usual, self.reflows, former=True)
        print(f"{self.rounds} rounds, {self.killed} killed in the middle")
        for what, times in (("21 sittings planned and booked", self.times), ("re-flowed", self.reflows)):
            print(f"{what}: median {statistics.median(times):.2f} s, most {max(times):.2f} s")
        for fault in self.faults[:20]:
            print("FAULT", fault)
        return 1 if self.faults else 0

    def _empty(self) -> None:
        from appointments.models import Claim

        Claim.objects.all().delete()

    def _act(self, verb: str, course: Any, now: dt.datetime, usual: float, times: list[float], former: bool = False) -> None:
        """Begin it, kill it, look that nothing changed (or all did), then let it be done."""
        before = self._picture(course)
        child = self._child(verb, course, now)
        time.sleep(self.chance.uniform(0, usual))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        time.sleep(0.2)
        after = self._picture(course)
        if after == before:
            self.killed += 1
        elif not self._is_whole(course):
            self.faults.append(f"{verb}: half done after a kill: {len(after)} appointments")
        child = self._child(verb, course, now)
        told = child.stdout.readline() if child.stdout else b""
        child.wait()
        if after == before:
            times.append(float(told or 99))
        elif not times:
            times.append(usual)
        if not self._is_whole(course):
            self.faults.append(f"{verb}: not whole after it was done")

    def _child(self, verb: str, course: Any, now: dt.datetime) -> "subprocess.Popen[bytes]":
        root = str(Path(__file__).resolve().parents[1])
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        made = subprocess.Popen([sys.executable, "-c", CHILD, root, verb, str(course.id), now.isoformat()], **pipes)
        assert made.stdout is not None
        assert made.stdin is not None
        made.stdout.readline()
        made.stdin.write(b"go\n")
        made.stdin.flush()
        return made

    def _picture(self, course: Any) -> list[Any]:
        from appointments.models import Appointment

        rows = Appointment.objects.filter(patient=course.patient_id).order_by("id")
        return list(rows.values_list("id", "state", "starts_at", "version"))

    def _is_whole(self, course: Any) -> bool:
        """All 21 sittings have a time, each with its three claims, in order."""
        from appointments.models import Claim

        course.refresh_from_db()
        rows = list(course.sittings.order_by("number").select_related("appointment"))
        starts = [one.appointment.starts_at for one in rows if one.appointment]
        live = [one.appointment_id for one in rows if one.appointment and one.appointment.state in ("scheduled", "completed")]
        ahead = [one.appointment_id for one in rows if one.appointment and one.appointment.state == "scheduled"]
        claims = Claim.objects.filter(appointment__in=ahead).count()
        return course.state == "booked" and len(live) == 21 and starts == sorted(starts) and claims == 3 * len(ahead)

    def _miss(self, course: Any) -> dt.datetime:
        from appointments.models import Appointment
        from appointments.services import steps

        number = self.chance.randint(2, 20)
        earlier = course.sittings.filter(number__lt=number).values("appointment")
        Appointment.objects.filter(pk__in=earlier).update(state="completed")
        row = course.sittings.get(number=number).appointment
        steps.no_show(appointment=row, by=None, now=row.ends_at + dt.timedelta(minutes=31))
        return row.starts_at.replace(hour=4) + dt.timedelta(days=1)


if __name__ == "__main__":
    sys.exit(main())
