#!/usr/bin/env python3
"""Are documents readable at every moment while their keys are changed and the change is killed? Prints counts, exits 1 if not.

    python drills/rotate_kill.py [documents] [kills]

Runs against the services of a profile (`HEALTHCARE_PROFILE=drill`; `python -m healthcare.embedded services start --profile
drill` begins them). Opens a clinic with `documents` (300) of 100 kB, begins `manage.py rotate_keys patients --retire`, kills it
`kills` (4) times with SIGKILL in the midst of the files and begins it again with the same `--began`, while a reader opens one
document after the other. Last it reads all of them, whose former keys are destroyed by then. What it made, it ends.
"""

# ruff: noqa: E402 (settings are read when Django is set up, so its models come after)
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
load()
os.environ["DOCUMENTS_DIR"] = tempfile.mkdtemp(prefix="rotate-kill-")

import django

django.setup()

from django.db import connections
from django.utils import timezone

from clinics.archive.stored import folder_of
from clinics.models import Clinic
from drills.hands import killed_on_the_way
from healthcare.core import crypto
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.tenancy import in_clinic
from healthcare.probe.clinics import throwaway
from healthcare.tests import make
from patients.services import documents

DOCUMENTS, KILLS = (int(given) for given in (*sys.argv[1:], *("300", "4")[len(sys.argv) - 1 :]))
SIZE, EACH = 100_000, 10  # bytes, documents of a chart


def content(number: int) -> bytes:
    return f"{number:08d}".encode() * (SIZE // 8)


def filled(clinic: Clinic) -> list[Any]:
    rows = []
    with in_clinic(clinic):
        nurse = make.member("nurse", clinic)
        charts = [make.patient() for _ in range(0, DOCUMENTS, EACH)]
        for number in range(DOCUMENTS):
            said = {"said": "", "file_name": "a.txt", "title": "Findings", "by": nurse}
            rows.append(documents.add(patient=charts[number // EACH], content=content(number), **said))
    return rows


def renewed(clinic: Clinic) -> int:
    """How many files are under a new generation. Each has a whole head at every moment."""
    found = 0
    for place in folder_of(clinic.schema_name).glob("*/*.sealed"):
        with place.open("rb") as file:
            found += crypto.generation_of(file.read(crypto.HEADER)) > 1
    return found


def read_all(clinic: Clinic, rows: list[Any], bad: list[str]) -> int:
    with in_clinic(clinic):
        for number, row in enumerate(rows):
            try:
                if documents.content_of(row) != content(number):
                    bad.append(f"document {number} is another's")
            except Exception as error:
                bad.append(f"document {number}: {type(error).__name__}")
    return len(rows)


def rotated(clinic: Clinic) -> int:
    """Killed after even parts of the files; answers how often."""
    line = ["rotate_keys", "patients", "--clinic", clinic.slug, "--retire", "--began", timezone.now().isoformat()]
    return killed_on_the_way(
        line, KILLS, seen=lambda: renewed(clinic), aim=lambda killed: (killed + 1) * DOCUMENTS // (KILLS + 1), pause=0.05
    )


def main() -> int:
    try:
        with throwaway("rotation") as clinic:
            bad = drill(clinic)
    finally:
        shutil.rmtree(os.environ["DOCUMENTS_DIR"], ignore_errors=True)
    print("\n".join(f"NOT  {line}" for line in bad[:10]) or "OK   every document was readable at every moment")
    return 1 if bad else 0


def drill(clinic: Clinic) -> list[str]:
    """What was wrong."""
    bad, reads, stop = list[str](), [0], threading.Event()
    rows = filled(clinic)

    def read() -> None:
        while not stop.is_set():
            reads[0] += read_all(clinic, rows, bad)
            time.sleep(0.05)
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        killed = rotated(clinic)
    finally:
        stop.set()
        reader.join()
    keys.forget()
    read_all(clinic, rows, bad)
    living = WrappedKey.objects.filter(kind="patient", clinic=clinic.id, destroyed_at=None)
    if old := living.filter(generation=1).count():
        bad.append(f"{old} former keys live")
    if (count := renewed(clinic)) != DOCUMENTS:
        bad.append(f"{DOCUMENTS - count} files are under a former key")
    if (parts := len(list(folder_of(clinic.schema_name).glob("*/*.partial")))) > killed:
        bad.append(f"{parts} parts of files lie about")
    print(f"    {killed} kills, {reads[0]} reads meanwhile, {parts} parts left to be swept")
    return bad


if __name__ == "__main__":
    sys.exit(main())
