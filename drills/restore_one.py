#!/usr/bin/env python3
"""Does one clinic out of many come back, whole, while the others are read? Prints seconds, exits 1 if not.

    python drills/restore_one.py [clinics] [charts] [readers]

Runs against the services of a profile (`HEALTHCARE_PROFILE=drill`; `python -m healthcare.embedded services start --profile
drill` begins them), opens `clinics` (200) clinics named drill-…, fills one with `charts` (2000) charts and two appointments
each, exports it, breaks it, and restores it while `readers` (2) threads read and write in the others. What it made, it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import datetime as dt
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from clinics.archive import rows
from clinics.models import Clinic, Location
from clinics.services.exporting import export_clinic, snapshot
from clinics.services.opening import open_clinic, order_clinic
from clinics.services.removing import drop_schema
from clinics.services.restoring import restore_clinic
from clinics.services.schemas import owner_cursor
from healthcare.core.keystore import keys
from healthcare.core.tenancy import forget_clinics, in_clinic
from healthcare.tests import make
from patients.models import Patient

CLINICS, CHARTS, READERS = (int(given) for given in (*sys.argv[1:], *("200", "2000", "2")[len(sys.argv) - 1 :]))
TARGET = 60.0


def quiet(line: str) -> None:
    """Say nothing."""


def opened() -> list[Clinic]:
    end(of_drills())  # of a run that was killed
    for number in range(CLINICS):
        open_clinic(order_clinic(slug=f"drill-{number}", name=f"Drill {number}"))
    return of_drills()


def of_drills() -> list[Clinic]:
    return list(Clinic.objects.filter(slug__startswith="drill-").order_by("id"))


def fill(clinic: Clinic, charts: int) -> None:
    with in_clinic(clinic):
        doctor, begins = make.practitioner(), timezone.now().replace(microsecond=0)
        for first in range(0, charts, 500):
            _enter(doctor, begins, range(first, min(first + 500, charts)))


def _enter(doctor: Any, begins: dt.datetime, numbers: range) -> None:
    charts = {n: Patient(mrn=f"DRILL-{n:06d}", first_name=f"Mira {n}", last_name="Lindqvist") for n in numbers}
    scopes = [chart.seal_scope() for chart in charts.values()]
    keys.make_many(scopes)
    keys.warm(scopes)
    Patient.objects.bulk_create(charts.values())
    known = {"kind": "consultation", "practitioner": doctor, "location_id": doctor.location_id, "reason": "a drill"}
    slots = ((chart, begins + dt.timedelta(minutes=10 * n + 5 * half)) for n, chart in charts.items() for half in (0, 1))
    Appointment.objects.bulk_create(
        Appointment(patient=chart, starts_at=at, ends_at=at + dt.timedelta(minutes=5), **known) for chart, at in slots
    )


def prints(clinics: list[Clinic]) -> dict[str, dict[str, rows.Proof]]:
    with snapshot() as cursor:
        return {clinic.slug: rows.fingerprint(cursor, clinic.schema_name) for clinic in clinics}


@contextmanager
def read(others: list[Clinic], times: list[float], wrong: list[str]) -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            clinic, began = random.choice(others), time.perf_counter()
            try:
                with in_clinic(clinic):
                    if list(Patient.objects.values_list("mrn", flat=True)[:20]) not in ([], [f"OF-{clinic.slug}"]):
                        wrong.append("another clinic's chart")
                Location.objects.filter(clinic=clinic).update(is_active=True)
            except Exception as error:
                wrong.append(type(error).__name__)
            times.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def end(clinics: list[Clinic]) -> None:
    for clinic in clinics:
        drop_schema(clinic.schema_name)
        with owner_cursor() as cursor:
            cursor.execute(f'DROP ROLE IF EXISTS "{clinic.schema_name}"')
            for table in ("clinics_location", "job", "event"):
                cursor.execute(f"DELETE FROM {table} WHERE clinic_id = %s", [clinic.id])
            cursor.execute("DELETE FROM clinics_clinic WHERE id = %s", [clinic.id])
        keys.destroy_clinic(clinic.id)
    forget_clinics()


def drill(clinics: list[Clinic], folder: Path) -> bool:
    one, others = clinics[len(clinics) // 2], [c for n, c in enumerate(clinics) if n != len(clinics) // 2]
    fill(one, CHARTS)
    for clinic in others[:20]:
        fill_lightly(clinic)
    before, neighbours = prints([one])[one.slug], prints(others[:20])
    began = time.perf_counter()
    done = export_clinic(clinic=one, path=folder / "one.tar", say=quiet)
    size = (folder / "one.tar").stat().st_size / 1e6
    print(f"export: {done.rows} rows, {size:.1f} MB in {time.perf_counter() - began:.2f} s")
    with owner_cursor() as cursor:
        cursor.execute(f'DROP TABLE "{one.schema_name}".patients_patient CASCADE')
    times: list[float] = []
    wrong: list[str] = []
    with read(others[:20], times, wrong):
        time.sleep(2)
        alone, began = sorted(times), time.perf_counter()
        restore_clinic(path=folder / "one.tar", replace=True, say=quiet)
        took = time.perf_counter() - began
    during = sorted(times[len(alone) :])
    equal, untouched = prints([one])[one.slug] == before, prints(others[:20]) == neighbours
    for name, known in (("before", alone), ("during", during)):
        middle, late = known[len(known) // 2] * 1000, known[int(len(known) * 0.99)] * 1000
        print(f"others {name}: {len(known)} reads, p50 {middle:.1f} ms, p99 {late:.1f} ms, max {known[-1] * 1000:.1f} ms")
    print(f"restore of 1 in {len(clinics)}: {took:.2f} s (target {TARGET:.0f} s); hash-equal {equal}, others equal {untouched}")
    print(f"wrong or failed reads: {len(wrong)} {sorted(set(wrong))}")
    return equal and untouched and not wrong and took <= TARGET


def fill_lightly(clinic: Clinic) -> None:
    with in_clinic(clinic):
        Patient.objects.all().delete()
        Patient(mrn=f"OF-{clinic.slug}"[:20], first_name="Noor").save()


def main() -> int:
    call_command("migrate_clinics")
    began = time.perf_counter()
    clinics: list[Any] = opened()
    print(f"{len(clinics)} clinics are there ({time.perf_counter() - began:.1f} s)")
    try:
        with tempfile.TemporaryDirectory() as folder:
            return 0 if drill(clinics, Path(folder)) else 1
    finally:
        end(clinics)


if __name__ == "__main__":
    sys.exit(main())
