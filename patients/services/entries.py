"""How does a chart get an entry, a correction, and how is an entry set aside? What stood there before is always kept."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from accounts.membership import Member
from healthcare.core.errors import NotFound, Refused, refusing
from healthcare.core.events import publish
from patients.events import EntryCorrected, EntryRecorded, EntryWithdrawn
from patients.models import ChartRow, FormerVersion, Patient, Visit
from patients.sections import Section

NOT_SAID = {
    "id",
    "version",
    "patient",
    "recorded_by",
    "recorded_at",
    "withdrawn_at",
    "user",
    "created_at",
    "sealed_for",
    "sha256",
}


class IdentifierTaken(Refused):
    code = "identifier_taken"
    detail = "This number is in a chart of this clinic already; it may be the same person."


class VisitExists(Refused):
    code = "visit_exists"
    detail = "This appointment has a visit already."


class EndsBeforeStart(Refused):
    code = "ends_before_start"
    detail = "A visit can't end before it starts."


class ChartClosed(Refused):
    code = "chart_closed"
    detail = "This chart was merged into another or erased; nothing is entered in it."


REFUSALS: dict[str, dict[str, type[Refused]]] = {
    "identifiers": {"identifier_once": IdentifierTaken},
    "visits": {"visit_appointment_once": VisitExists, "visit_ends_after_start": EndsBeforeStart},
}


_appointments: list[Callable[[Patient, UUID], bool]] = []


def appointments_by(is_theirs: Callable[[Patient, UUID], bool]) -> None:
    """Let the app that has appointments say whether one is the patient's."""
    _appointments.append(is_theirs)


def enter(*, patient: Patient, section: Section, by: Member, **said: Any) -> ChartRow:
    """Write a new entry. Raises ChartClosed, NotFound (a visit of another chart), or what the section's truths refuse."""
    open_chart(patient)
    row = section.model(patient=patient, recorded_by=by.user_id, **_columns(patient, said))
    with transaction.atomic():
        _saved(row, section, force_insert=True)
        publish(EntryRecorded(patient_id=patient.id, section=section.name, row_id=row.pk))
    return row


def correct(*, row: ChartRow, section: Section, by: Member, change_reason: str = "", **said: Any) -> ChartRow:
    """Change an entry; its former version stays readable. Raises as `enter`."""
    open_chart(row.patient)
    columns = _columns(row.patient, said)
    with transaction.atomic():
        keep_version(row, section.name, by=by, reason=change_reason)
        for name, value in columns.items():
            setattr(row, name, value)
        _saved(row, section)
        publish(EntryCorrected(patient_id=row.patient_id, section=section.name, row_id=row.pk, version=row.version))
    return row


def withdraw(*, row: ChartRow, section: Section, by: Member) -> None:
    """Set an entry aside as entered in error: it is shown no more, and kept."""
    with transaction.atomic():
        keep_version(row, section.name, by=by, reason="")
        row.withdrawn_at = timezone.now()
        row.save()
        publish(EntryWithdrawn(patient_id=row.patient_id, section=section.name, row_id=row.pk))


def open_chart(patient: Patient) -> None:
    """Raises ChartClosed for one that was merged away or erased."""
    if patient.merged_into_id is not None or patient.erased_at is not None:
        raise ChartClosed


def keep_version(row: Any, section: str, *, by: Member, reason: str) -> None:
    """Keep what the row says now, before it is changed. `row` is an entry, or the chart itself."""
    FormerVersion(
        patient_id=row.pk if isinstance(row, Patient) else row.patient_id,
        section=section,
        row_id=row.pk,
        number=row.version,
        said=said_by(row),
        reason=reason,
        replaced_by=by.user_id,
    ).save(force_insert=True)


def said_by(row: models.Model) -> dict[str, Any]:
    """What an entry says, JSON-ready: its columns but for those that say who entered it when, and the indexes."""
    found = {}
    for field in row._meta.concrete_fields:
        if field.name not in NOT_SAID and not field.name.endswith("_index"):
            value = getattr(row, field.attname)
            known = isinstance(value, (str, int, float, bool, dict, list, type(None)))
            found[field.name] = value if known else value.isoformat() if isinstance(value, dt.date) else str(value)
    return found


def _columns(patient: Patient, said: dict[str, Any]) -> dict[str, Any]:
    """What was sent, as columns: a visit is looked up in the same chart, an appointment is kept by id."""
    columns = dict(said)
    if "appointment" in columns:
        wanted = columns["appointment_id"] = columns.pop("appointment")
        if wanted is not None and not any(is_theirs(patient, wanted) for is_theirs in _appointments):
            raise NotFound("This patient has no such appointment.")
    if columns.get("visit") is not None:
        visit = Visit.objects.filter(patient=patient, withdrawn_at=None, pk=columns["visit"]).first()
        if visit is None:
            raise NotFound("There is no such visit in this chart.")
        columns["visit"] = visit
    return columns


def _saved(row: ChartRow, section: Section, **how: Any) -> None:
    save = row.save
    for constraint, refusal in REFUSALS.get(section.name, {}).items():
        save = _refused_by(save, constraint, refusal)
    save(**how)


def _refused_by(save: Any, constraint: str, refusal: type[Refused]) -> Any:
    def saving(**how: Any) -> None:
        with refusing(constraint, refusal):
            save(**how)

    return saving
