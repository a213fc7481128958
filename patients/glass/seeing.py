"""Which charts does a person see because they opened them, and is each look on record?

charts = seeing.opened(member, "patient.view")     # ids; the request's purpose on the trail says so from then on
seeing.note(patient, member)                       # one chart was read: an entry of its own, with that purpose
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.membership import Member
from accounts.roles import OPENED_BY_GLASS
from healthcare.core.context import note_purpose
from healthcare.core.events import publish
from patients.glass.events import OpenedChartRead
from patients.glass.models import Opening, opened_to
from patients.models import Patient


def opened(member: Member, permission: str) -> list[UUID]:
    """Patients whose charts the member has open now, if the permission is one that opening covers; no query for who can't."""
    if permission not in OPENED_BY_GLASS:
        return []
    rows = _open(member)
    _say_why(rows)
    return [row.patient_id for row in rows]


def is_open(patient: Patient, member: Member) -> bool:
    """An exception to what the patient withheld (`patients/purposes.py` says from which purposes)."""
    rows = [row for row in _open(member) if row.patient_id == patient.id]
    _say_why(rows)
    return bool(rows)


def note(patient: Patient, member: Member) -> None:
    """A chart was read: if it is open to the member by their own act, that is put on record."""
    for row in (row for row in _open(member) if row.patient_id == patient.id):
        _say_why([row])
        with transaction.atomic():
            publish(OpenedChartRead(opening_id=row.id, patient_id=patient.id, user_id=member.user_id))


def _open(member: Member) -> list[Opening]:
    if member.user_id is None or not member.may("glass.open"):
        return []
    return list(opened_to(member.user_id, timezone.now()).only("id", "patient_id"))


def _say_why(rows: list[Opening]) -> None:
    if rows:
        note_purpose(f"break_glass:{rows[0].id}")
