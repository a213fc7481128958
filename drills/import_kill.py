#!/usr/bin/env python3
"""Does a large import survive being killed, with a true report and nothing twice? Prints counts, exits 1 if not.

    python drills/import_kill.py [patients] [kills]

Runs against the services of a profile (`HEALTHCARE_PROFILE=drill`; `python -m healthcare.embedded services start --profile
drill` begins them). Opens a clinic, writes a set of FHIR bundles with `patients` (10000) people, each with an allergy, a
condition and a blood pressure, one in twenty of them wrong in a known way, imports them by `manage.py patients_import
--really`, kills that `kills` (5) times with SIGKILL in the middle, and begins it again with the same line.
What it made, it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
load()

import django

django.setup()

from clinics.models import Clinic
from drills.hands import killed_on_the_way
from healthcare.core.tenancy import in_clinic
from healthcare.probe.clinics import throwaway
from healthcare.tests import make
from patients.models import Allergy, Condition, ImportedRow, ImportRun, Patient, Vital

PATIENTS, KILLS = (int(given) for given in (*sys.argv[1:], *("10000", "5")[len(sys.argv) - 1 :]))
EACH = 1000  # patients in a bundle
WRONG = 20  # one in so many people has a birthday that is none
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def bundle(first: int, count: int, chance: random.Random) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    for number in range(first, first + count):
        me = f"urn:uuid:{uuid.UUID(int=number + 1)}"
        word = "".join(chance.choices(LETTERS, k=9)).capitalize()
        born = "1990-13-77" if number % WRONG == 0 else f"{1930 + number % 90}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        name = [{"family": word, "given": [f"N{number}"]}]
        about = {"reference": me}
        pressure = [("8480-6", 120), ("8462-4", 80)]
        parts = [{"code": {"coding": [{"code": c}]}, "valueQuantity": {"value": v, "code": "mm[Hg]"}} for c, v in pressure]
        entries += [
            {"fullUrl": me, "resource": {"resourceType": "Patient", "id": str(number), "name": name, "birthDate": born}},
            {"resource": {"resourceType": "AllergyIntolerance", "patient": about, "code": {"text": "Penicillin"}}},
            {"resource": {"resourceType": "Condition", "subject": about, "code": {"text": "Hypertension"}}},
            {
                "resource": {
                    "resourceType": "Observation",
                    "subject": about,
                    "code": {"coding": [{"code": "85354-9"}]},
                    "component": parts,
                }
            },
        ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def written(folder: Path) -> list[Path]:
    chance, files = random.Random(11), []
    for first in range(0, PATIENTS, EACH):
        files.append(folder / f"bundle-{first:06d}.json")
        files[-1].write_text(json.dumps(bundle(first, min(EACH, PATIENTS - first), chance)))
    return files


def imported(clinic: Clinic, files: list[Path], by: str) -> int:
    """Killed at random distances; answers how often."""
    line = ["patients_import", clinic.slug, *map(str, files), "--really", "--by", by, "--faults", "0"]
    chance, most = random.Random(3), PATIENTS * 4 // (KILLS + 2)

    def aim(killed: int) -> int:
        return rows_done(clinic) + chance.randint(most // 3, most)

    return killed_on_the_way(line, KILLS, seen=lambda: rows_done(clinic), aim=aim, pause=2)


def rows_done(clinic: Clinic) -> int:
    with in_clinic(clinic):
        return sum(ImportRun.objects.filter(is_dry=False).values_list("cursor", flat=True))


def judged(clinic: Clinic) -> list[str]:
    wrong = len(range(0, PATIENTS, WRONG))
    right = PATIENTS - wrong
    with in_clinic(clinic):
        outcomes = Counter(ImportedRow.objects.filter(run__is_dry=False).values_list("what", "outcome"))
        faults = Counter(
            (line.what, line.faults[0]["code"]) for line in ImportedRow.objects.filter(run__is_dry=False, outcome="refused")
        )
        counted = [model.objects.count() for model in (Patient, Allergy, Condition, Vital)]
    others = ("AllergyIntolerance", "Condition", "Observation")
    expected = {("Patient", "made"): right, ("Patient", "refused"): wrong}
    expected |= {(what, "made"): right for what in others} | {(what, "refused"): wrong for what in others}
    told = {("Patient", "invalid"): wrong, **{(what, "unknown_reference"): wrong for what in others}}
    print(f"    {dict(outcomes)}\n    in the charts: {counted}")
    bad = []
    if dict(outcomes) != expected:
        bad.append("the report is not what was sent")
    if dict(faults) != told:
        bad.append(f"the faults are not those that were put in: {dict(faults)}")
    if counted != [right, right, right, 2 * right]:
        bad.append("something came twice, or not at all")
    return bad


def main() -> int:
    with throwaway("import") as clinic:
        with tempfile.TemporaryDirectory() as folder:
            files, begun = written(Path(folder)), time.monotonic()
            by = str(make.person().email)
            killed = imported(clinic, files, by)
            spent = time.monotonic() - begun
        print(f"{PATIENTS} patients, {PATIENTS * 4} resources in {len(files)} bundles, killed {killed} times: {spent:.0f} s")
        bad = judged(clinic)
        print("\n".join(f"NOT  {line}" for line in bad) or "ok  a true report, nothing twice, nothing lost")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
