"""Whose health data did this request look at? Collected where they are opened and answered, so no view can forget it.

A sealed column of a clinic's row notes the row when it is opened; `answer` and `page` of the view sets note what they show of
patients, sealed or not. What is served without either (from a cache) calls `note`. `monitoring.trail.reading` puts it on
record.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from healthcare.core.tenancy import ClinicRow, clinic_or_none


@dataclass
class Seen:
    """`rows` maps (clinic, label, id) to the patient it is about, if one; `changed` are patients whose rows were written."""

    rows: dict[tuple[UUID, str, str], UUID | None] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def collecting() -> Iterator[Seen]:
    """For the length of a request."""
    found = Seen()
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)


def note(row: Any) -> None:
    """The row is looked at. Nobody collects in jobs and commands, and rows of no clinic are not health data."""
    found, clinic = _seen.get(), clinic_or_none()
    if found is not None and clinic is not None and isinstance(row, ClinicRow):
        found.rows.setdefault((clinic.id, row._meta.label_lower, str(row.pk)), patient_of(row))


def note_shown(rows: Any) -> None:
    """These are answered: those about a patient count, whatever of them was opened."""
    if _seen.get() is not None:
        for row in rows:
            if isinstance(row, ClinicRow) and patient_of(row) is not None:
                note(row)


def note_changed(row: Any) -> None:
    """The row is written: the entry of that change tells who had it in hands."""
    found = _seen.get()
    if found is not None and (patient := patient_of(row)) is not None:
        found.changed.add(patient)


def patient_of(row: Any) -> UUID | None:
    """Whose chart the row belongs to: by its key's owner, else by its reference."""
    if hasattr(row, "seal_scope"):
        scope = row.seal_scope()
        if scope.kind == "patient":
            return scope.owner  # type: ignore[no-any-return]
    return getattr(row, "patient_id", None)
