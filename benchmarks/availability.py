#!/usr/bin/env python3
"""How long does availability take, in how many queries? One doctor for 30 days with 2,000 bookings; fifty doctors for a day.

    python benchmarks/availability.py [--rounds 100]

Runs against the development services (`./run.sh dev start`), in a transaction that is rolled back. Prints p50 and p99 of the
verb that reads and computes (no HTTP), and the number of statements; exits 1 if there are more than 4 for one, or 6 for fifty.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import argparse
import datetime as dt
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment, Practitioner, WeeklyTemplate
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.availability import free_times, free_times_of
from appointments.slots import Claim, Interval
from benchmarks.figures import quantile
from healthcare.core import memory
from healthcare.core.tenancy import find_clinic, in_clinic
from patients.models import Patient

KIND, MINUTE = "consultation", dt.timedelta(minutes=1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clinic", default="north")
    given = parser.parse_args()
    clinic, good = find_clinic(given.clinic), True
    memory.settle()  # as the servers do
    with in_clinic(clinic), transaction.atomic():
        doctors, now = [hired(number) for number in range(50)], timezone.now()
        day, kind = now.date() + dt.timedelta(days=1), kind_named(KIND)
        made = fill(doctors[0], now, 2000)
        for other in doctors[1:]:
            fill(other, now, 20)

        def one() -> Any:
            card = Practitioner.objects.with_place().get(pk=doctors[0].pk)
            return free_times(practitioner=card, kind=kind, day=day, days=30, now=now)

        def fifty() -> Any:
            cards = list(Practitioner.objects.filter(pk__in=[row.pk for row in doctors]).with_place())
            return free_times_of(practitioners=cards, kind=kind, day=day, days=1, now=now)

        good &= measured(f"one doctor, 30 days, {made} bookings", one, given.rounds, 4)
        good &= measured("fifty doctors, one day", fifty, given.rounds, 6)
        transaction.set_rollback(True)
    return 0 if good else 1


def hired(number: int) -> Practitioner:
    somewhere = Practitioner.objects.filter(speciality="Urgent care").first() or Practitioner.objects.all()[0]
    terms = {"slot_minutes": 10, "buffer_minutes": 0, "notice_minutes": 0, "horizon_days": 60}
    row = Practitioner(name=f"Dr {number}", location_id=somewhere.location_id, kinds=[KIND], **terms)
    row.save()
    for weekday in range(7):
        WeeklyTemplate(practitioner=row, weekday=weekday, opens=dt.time(0), closes=dt.time(0)).save()
    return row


def fill(doctor: Practitioner, now: dt.datetime, many: int) -> int:
    """Every second ten minutes of the next month, by as many patients as there are."""
    charts = list(Patient.objects.order_by("pk").values_list("pk", flat=True)[:300])
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    starts = [first + number * 20 * MINUTE for number in range(many)]
    known = {"kind": KIND, "practitioner": doctor, "location_id": doctor.location_id}
    rows = [
        Appointment(patient_id=charts[n % len(charts)], starts_at=start, ends_at=start + 10 * MINUTE, **known)
        for n, start in enumerate(starts)
    ]
    Appointment.objects.bulk_create(rows, batch_size=500)
    key = claims.key("practitioner", doctor.pk)
    wanted = [c for row in rows for c in claims.rows(row.pk, [Claim(key, 0, Interval(row.starts_at, row.ends_at))])]
    return len(claims.take(wanted))


def measured(what: str, ask: Any, rounds: int, at_most: int) -> bool:
    with CaptureQueriesContext(connection) as seen:
        ask()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    told = f"{what}: {len(seen)} statements, p50 {quantile(times, 0.5):.1f} ms, p99 {quantile(times, 0.99):.1f} ms"
    print(told, flush=True)
    return len(seen) <= at_most


if __name__ == "__main__":
    sys.exit(main())
