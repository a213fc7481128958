#!/usr/bin/env python3
"""Is an erased chart unreadable in an old dump that comes back, while all others are whole? Exits 1 if not.

    python drills/erase_restore.py [charts]

Runs against the services of a profile (`HEALTHCARE_PROFILE=drill`; `python -m healthcare.embedded services start --profile
drill` begins them). Opens a clinic with `charts` (50) charts, dumps its schema with pg_dump, erases one chart by the product's
two steps, drops the schema, brings the dump back with psql, and reads every chart. Then it blanks again what came back.
What it made, it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
load()

import django

django.setup()

from django.utils import timezone

from accounts.membership import Member
from accounts.roles import Role
from clinics.services.removing import drop_schema
from healthcare.core.crypto import Unreadable
from healthcare.core.ids import new_id
from healthcare.core.keystore import keys
from healthcare.core.tenancy import in_clinic
from healthcare.embedded import binaries
from healthcare.probe.clinics import throwaway
from healthcare.tests import make
from patients.models import Allergy, Erasure, Patient
from patients.services import erasing

CHARTS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
SECRET = "Zubeida"


def tool(name: str, *args: str) -> None:
    line = [str(binaries.postgresql() / name), "-d", os.environ["OWNER_DATABASE_URL"], *args]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def filled() -> Patient:
    for number in range(CHARTS - 1):
        Allergy(patient=make.patient(first_name=f"Other {number}"), substance="Penicillin").save()
    one = make.patient(first_name=SECRET, phone="+919812345678")
    Allergy(patient=one, substance="Latex").save()
    return one


def erased(chart: Patient) -> None:
    """By two people, key and all."""
    asks, confirms = (Member(new_id(), None, frozenset({Role.CLINIC_ADMIN})) for _ in range(2))
    erasing.ask(patient=chart, basis="patient_asked", by=asks, now=timezone.now())
    erasing.confirm(patient=chart, by=confirms, now=timezone.now())
    erasing.destroy_keys(erasure=Erasure.objects.select_related("patient").get(), now=timezone.now())


def read(chart: Patient) -> str:
    try:
        return str(Patient.objects.get(pk=chart.pk).first_name)
    except Unreadable:
        return "unreadable"


def judged(one: Patient) -> list[str]:
    bad = []
    back = Allergy.objects.get(patient=one)  # the dump's rows are there again …
    keys.forget()
    try:
        bad.append(f"the erased allergy was read: {back.substance}")
    except Unreadable:
        print("    the erased chart's allergy came back and can't be read")
    print(f"    the erased chart's name: {read(one)}")
    if read(one) != "unreadable":
        bad.append("the erased name was read")
    others = [chart.first_name for chart in Patient.objects.exclude(pk=one.pk)]
    print(f"    {len(others)} others, all readable")
    if len(others) != CHARTS - 1 or not all(name.startswith("Other") for name in others):
        bad.append("another chart is not whole")
    again = erasing.erase_again(now=timezone.now())
    print(f"    blanked again: {again}; its name now: {read(one)!r}")
    if (again, read(one)) != (1, ""):
        bad.append("what came back was not blanked")
    return bad


def main() -> int:
    with throwaway("erase") as clinic:
        with tempfile.TemporaryDirectory() as folder:
            dump = str(Path(folder) / "old.sql")
            with in_clinic(clinic):
                one = filled()
            tool("pg_dump", "-n", clinic.schema_name, "-f", dump)
            with in_clinic(clinic):
                erased(one)
                print(f"    erased; in the live data its name is {read(one)!r}")
            drop_schema(clinic.schema_name)
            tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", dump)
        with in_clinic(clinic):
            bad = judged(one)
        print("\n".join(f"NOT  {line}" for line in bad) or "ok  erased in the old dump too; everybody else is whole")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
