"""What does the clinic hold of a person? Everything, in one answer: for the person, or who acts for them.

Apps above add what they hold: `part("appointments", load)`, where `load(patient)` answers JSON-ready rows.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.membership import Member
from healthcare.core.events import publish
from healthcare.core.fields import warm
from healthcare.core.tenancy import current_clinic
from patients.events import RecordExported
from patients.models import Amendment, Consent, FormerVersion, Guardianship, Patient
from patients.sections import SECTIONS
from patients.services import consenting
from patients.services.entries import said_by

Load = Callable[[Patient], list[dict[str, Any]]]
FORMAT = "healthcare-record-1"
_parts: dict[str, Load] = {}


def part(name: str, load: Load) -> None:
    _parts[name] = load


def export(*, patient: Patient, by: Member, now: dt.datetime, form: str) -> dict[str, Any]:
    """The whole record as this person may see it, JSON-ready; that it was exported is published. `form`: json or pdf."""
    with transaction.atomic():
        publish(RecordExported(patient_id=patient.pk, format=form))
        return {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "clinic": {"id": str(current_clinic().id), "name": current_clinic().name},
            "record": {"id": str(patient.pk), "mrn": patient.mrn, **_record(patient)},
            **{name: _entries(name, patient, by) for name in SECTIONS},
            "consents": [_consent(row) for row in _warm(Consent.objects.filter(patient=patient))],
            "guardians": [_entry(row) for row in _warm(Guardianship.objects.of(patient))],
            "amendments": [_entry(row) for row in _warm(Amendment.objects.of(patient))],
            "history": [_former(row) for row in _warm(FormerVersion.objects.filter(patient=patient))],
            **{name: load(patient) for name, load in _parts.items()},
            "who_saw_it": f"/patients/{patient.pk}/access-log",
        }


def _record(patient: Patient) -> dict[str, Any]:
    left_out = ("mrn", "merged_into", "erased_at")
    return {name: value for name, value in said_by(patient).items() if name not in left_out}


def _entries(name: str, patient: Patient, by: Member) -> list[dict[str, Any]]:
    return [_entry(row) for row in _warm(consenting.readable(section=SECTIONS[name], patient=patient, member=by))]


def _warm(rows: Any) -> list[Any]:
    found = list(rows.order_by("pk"))
    warm(found)
    return found


def _entry(row: Any) -> dict[str, Any]:
    return {"id": str(row.pk), "recorded_at": row.recorded_at.isoformat(), **said_by(row)}


def _consent(row: Consent) -> dict[str, Any]:
    known = ("purpose", "decision", "wording", "channel", "remark")
    return {"id": str(row.pk), "decided_at": row.decided_at.isoformat(), **{name: getattr(row, name) for name in known}}


def _former(row: FormerVersion) -> dict[str, Any]:
    said = {"section": row.section, "entry": str(row.row_id), "version": row.number, "said": row.said, "reason": row.reason}
    return {"replaced_at": row.replaced_at.isoformat(), **said}
