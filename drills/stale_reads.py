#!/usr/bin/env python3
"""Does any process ever read something older than a write that was answered already?

    python drills/stale_reads.py [--seconds 30] [--readers 4] [--kills]

Opens a throw-away clinic. One process changes it again and again through the verb, each time in one transaction, and
notes the number of the change once the verb has returned. Readers in other processes note that number, read the clinic
through the cache, and must find this change or a later one. `--kills`: writers are killed with -9 at random moments and begin
anew; then a change that was committed but never answered may be read late (as long as the mark of a killed writer lasts), an
answered one never. Exits 1 on a stale read, or when the cache answered nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
CONTEXT = multiprocessing.get_context("spawn")


def ready() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
    from healthcare.embedded.environment import load

    load()
    import django

    django.setup()


def write(slug: str, answered: Any, begun: Any, seconds: float) -> None:
    ready()
    ends = time.monotonic() + seconds
    from django.utils import timezone

    from clinics.models import Clinic
    from clinics.services.changing import change_clinic

    while time.monotonic() < ends:
        clinic = Clinic.objects.get(slug=slug)
        number = int(clinic.address or 0) + 1
        change_clinic(clinic=clinic, by=None, now=timezone.now(), address=str(number))
        answered.value = number
        begun.set()
        time.sleep(0.002)


def read(slug: str, answered: Any, begun: Any, seconds: float, told: Any) -> None:
    ready()
    from healthcare.core import cache
    from healthcare.core.tenancy import find_clinic

    begun.wait()  # starting takes longer on some machines than on others
    ends, reads, stale = time.monotonic() + seconds, 0, list[tuple[int, int]]()
    while time.monotonic() < ends:
        floor = answered.value
        found = int(find_clinic(slug).address or 0)
        reads += 1
        if found < floor:
            stale.append((floor, found))
    told.put((reads, stale, cache.figures()["clinic"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--kills", action="store_true")
    given = parser.parse_args()
    ready()
    from healthcare.probe import clinics

    clinic, luck = clinics.begin("stale"), random.Random(1)
    answered, told, begun, kills = CONTEXT.Value("L", 0), CONTEXT.Queue(), CONTEXT.Event(), 0
    try:
        readers = [
            CONTEXT.Process(target=read, args=(clinic.slug, answered, begun, given.seconds, told)) for _ in range(given.readers)
        ]
        writer = CONTEXT.Process(target=write, args=(clinic.slug, answered, begun, 3 * given.seconds))
        for one in (*readers, writer):
            one.start()
        begun.wait(120)
        while given.kills and any(one.is_alive() for one in readers):
            before = answered.value
            while answered.value == before and any(one.is_alive() for one in readers):
                time.sleep(0.01)  # it is at work again
            time.sleep(luck.uniform(0.05, 1))
            writer.kill()
            writer.join()
            kills += 1
            writer = CONTEXT.Process(target=write, args=(clinic.slug, answered, begun, 3 * given.seconds))
            writer.start()
        results = [told.get(timeout=120) for _ in readers]
        writer.kill()
        for one in (*readers, writer):
            one.join(30)
    finally:
        clinics.end([clinic], [], [], [])
    reads, stale = sum(count for count, _, _ in results), [pair for _, pairs, _ in results for pair in pairs]
    areas = [area for _, _, area in results]
    kept = sum(area["memory"] + area["store"] for area in areas)
    print(f"{answered.value} changes answered, {kills} writers killed, {reads} reads by {given.readers} processes")
    print(f"{kept} reads from the cache, {sum(area['straight'] for area in areas)} straight while a change was under way")
    for floor, found in stale[:10]:
        print(f"  STALE: change {floor} was answered, {found} was read")
    print(f"{len(stale)} stale reads")
    return 1 if stale or not kept else 0


if __name__ == "__main__":
    sys.exit(main())
