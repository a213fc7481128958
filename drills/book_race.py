#!/usr/bin/env python3
"""Do 200 clients on one slot make exactly one booking? Through the verb, on real connections; prints times, exits 1 if not.

    python drills/book_race.py [clients] [rounds]

Runs against the development services (`./run.sh dev start`), in the clinic `north` of the demo; what it made it cancels.
The database's own counter of deadlocks is compared before and after.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import os
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

from django.db import connection
from django.utils import timezone

from appointments.models import Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import steps
from appointments.services.availability import free_times
from appointments.services.booking import book
from healthcare.core.errors import Refused
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from patients.models import Patient

CLIENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def deadlocks() -> int:
    with on_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def race(clinic: Any, doctor: Practitioner, charts: list[Patient]) -> tuple[Counter[str], list[float], Any]:
    now = timezone.now()
    with in_clinic(clinic):
        slot = free_times(practitioner=doctor, kind=kind_named("consultation"), day=now.date(), days=7, now=now)[-1]
    line, times, won = threading.Barrier(len(charts) + 1), [], []

    def run(chart: Patient) -> str:
        line.wait()
        began = time.perf_counter()
        try:
            with in_clinic(clinic):
                won.append(
                    book(
                        kind="consultation",
                        patient=chart,
                        practitioner=doctor,
                        starts_at=slot.starts_at,
                        by=None,
                        now=timezone.now(),
                    )
                )
            return "booked"
        except Refused as refused:
            return refused.code
        finally:
            times.append(time.perf_counter() - began)
            connection.close()

    with ThreadPoolExecutor(len(charts)) as pool:
        answers = [pool.submit(run, chart) for chart in charts]
        line.wait()
        return Counter(answer.result() for answer in answers), times, won


def main() -> int:
    clinic, before, good = find_clinic("north"), deadlocks(), True
    with in_clinic(clinic):
        charts = list(Patient.objects.order_by("?")[:CLIENTS])
        doctor = Practitioner.objects.seeing_patients().offering("consultation").filter(capacity=1).with_place()[0]
    for number in range(ROUNDS):
        began = time.perf_counter()
        came, times, won = race(clinic, doctor, charts)
        took = time.perf_counter() - began
        with in_clinic(clinic):
            held = Claim.objects.filter(appointment__in=won, resource="practitioner").count()
            for row in won:
                steps.cancel(appointment=row, by=None, now=timezone.now())
        slowest = sorted(times)
        good &= came["booked"] == held == 1 and set(came) <= {"booked", "slot_taken", "patient_busy"}
        print(
            f"round {number + 1}: {dict(came)}, all answered in {took:.2f} s,"
            f" p50 {slowest[len(slowest) // 2]:.3f} s, p99 {slowest[int(len(slowest) * 0.99)]:.3f} s"
        )
    print(f"deadlocks: {deadlocks() - before}")
    return 0 if good and deadlocks() == before else 1


if __name__ == "__main__":
    sys.exit(main())
