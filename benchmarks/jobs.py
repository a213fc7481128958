#!/usr/bin/env python3
"""How many jobs a second, what does owing them cost a booking, and does one clinic's load delay another's job?

    python benchmarks/jobs.py [--jobs 2000] [--backlog 10000] [--bookings 200] [--rounds 15]

Starts a product of its own with demo data (profile `bench-jobs`) and works its queues with the worker that development has, so
the figures are of one machine that does everything: jobs a second from the row to `done`; milliseconds that its jobs add to a
booking (the same bookings with owing them left out, turn about); the time of one clinic's job while another clinic has a
backlog, as a multiple of its time alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import quantile  # noqa: E402

PROFILE = "bench-jobs"
JOB = "availability.refresh_practitioner"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--backlog", type=int, default=10000)
    parser.add_argument("--bookings", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--joined", action="store_true", help="measure the product that the environment names")
    given = parser.parse_args()
    if given.joined:
        return measure(given)
    from healthcare.embedded.product import running_product

    with running_product(PROFILE, {"LIMITS_TIMES": "1000"}) as product:
        return subprocess.run([sys.executable, __file__, "--joined", *sys.argv[1:]], env=product.env, check=False).returncode


def measure(given: argparse.Namespace) -> int:
    import django

    import healthcare.celery  # noqa: F401  (names the settings, reads the services' variables)

    django.setup()
    print(f"jobs a second, row to done        {throughput(given.jobs):8.1f}", flush=True)
    added, booking = enqueue_cost(given.bookings)
    print(f"a booking, its jobs left out       {booking:8.2f} ms (median)", flush=True)
    print(f"its jobs add                       {added:8.2f} ms (median)", flush=True)
    alone, behind = fairness(given.rounds, given.backlog)
    told("a clinic's one job, alone", alone)
    told(f"the same, another owes {given.backlog}", behind)
    print(f"delayed by a factor of             {median(behind) / median(alone):8.2f}", flush=True)
    return 0


def told(what: str, seconds: list[float]) -> None:
    print(f"{what:<34}{median(seconds) * 1000:8.1f} ms (median), p90 {quantile(seconds, 0.9) * 1000:.1f} ms", flush=True)


def throughput(number: int) -> float:
    """Real jobs of two clinics, owed in batches as bookings owe them."""
    owe_many("north", number // 2, "rate")
    started = time.monotonic()
    owe_many("south", number - number // 2, "rate")
    wait(lambda: not left())
    return number / (time.monotonic() - started)


def enqueue_cost(number: int) -> tuple[float, float]:
    """Turn about, so that whatever else the machine does hits both alike."""
    from django.utils import timezone

    from appointments.services.booking import book
    from clinics.models import Location
    from healthcare.core import jobs
    from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
    from healthcare.tests import make

    clinic, enqueue = find_clinic("south"), jobs.enqueue
    with on_platform():
        Location.objects.filter(clinic_id=clinic.id).update(hours=[])
    took: dict[bool, list[float]] = {True: [], False: []}
    with in_clinic(clinic):
        doctor, start = make.practitioner(name="Dr Bench"), timezone.now().replace(minute=0, second=0, microsecond=0)
        for n in range(number):
            patient, at = make.patient(), start + dt.timedelta(hours=2, minutes=10 * n)
            owing = bool(n % 2)
            _patch(enqueue if owing else (lambda *_, **__: None))
            begun = time.perf_counter()
            book(kind="consultation", patient=patient, practitioner=doctor, starts_at=at, by=None, now=timezone.now())
            took[owing].append((time.perf_counter() - begun) * 1000)
        _patch(enqueue)
    return median(took[True]) - median(took[False]), median(took[False])


def _patch(enqueue: Callable[..., Any]) -> None:
    """Every module that owes work has the name by itself."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").partition(".")[0] in ("appointments", "notifications") and hasattr(
            module, "enqueue"
        ):
            module.enqueue = enqueue  # type: ignore[attr-defined]


def fairness(rounds: int, backlog: int) -> tuple[list[float], list[float]]:
    wait(lambda: not left())
    alone = [one_job("south", f"alone{n}") for n in range(rounds)]
    owe_many("north", backlog, "backlog")
    behind = [one_job("south", f"behind{n}") for n in range(rounds)]
    if not left():
        print("the backlog was worked off before the last round: take more with --backlog", flush=True)
    return alone, behind


def one_job(slug: str, mark: str) -> float:
    """Seconds from the row to done, by the database's own instants."""
    from healthcare.core.models import Job

    job_id = owe_many(slug, 1, mark)[0]
    wait(lambda: Job.objects.filter(id=job_id, state="done").exists(), pause=0.02)
    row = Job.objects.get(id=job_id)
    return (row.finished_at - row.created_at).total_seconds()


def owe_many(slug: str, number: int, mark: str) -> list[Any]:
    from django.db import transaction

    from appointments.models import Practitioner
    from healthcare.core import jobs
    from healthcare.core.tenancy import find_clinic, in_clinic

    made, run = [], f"{mark}.{int(time.time() * 1000):x}"
    with in_clinic(find_clinic(slug)):
        doctor = Practitioner.objects.order_by("id").values_list("id", flat=True)[0]
        for begin in range(0, number, 50):
            with transaction.atomic():
                for n in range(begin, min(begin + 50, number)):
                    made.append(jobs.enqueue(JOB, key=f"bench.{run}.{n}", practitioner_id=doctor))
    return made


def left() -> bool:
    from healthcare.core.models import Job

    return Job.objects.filter(state__in=["ready", "running"], key__startswith="bench.").exists()


def wait(done: Callable[[], bool], pause: float = 0.2) -> None:
    ends = time.monotonic() + 600
    while not done():
        if time.monotonic() > ends:
            sys.exit("the jobs do not end: is the worker there?")
        time.sleep(pause)


if __name__ == "__main__":
    sys.exit(main())
