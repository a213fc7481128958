"""How does a file come into a chart, and out of it? Looked at, sealed on disk, given only to who may read it."""

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.membership import Member
from healthcare.core.errors import NotFound, Refused, refusing
from healthcare.core.events import publish
from patients import media
from patients.events import EntryRecorded
from patients.models import Document, Patient, Visit
from patients.services import files
from patients.services.entries import open_chart

WHY = {
    "empty": "The file is empty.",
    "too_large": "A document has 20 MB at most.",
    "unknown_kind": "Only PDF, JPEG, PNG, TIFF, WebP, DICOM and plain text are taken.",
    "mismatch": "The file is not what it says it is.",
    "active_content": "A PDF that acts when opened, is encrypted or carries files is not taken.",
}


class DocumentRefused(Refused):
    code = "document_refused"
    detail = "This file is not taken."


class DocumentThere(Refused):
    code = "document_exists"
    detail = "The chart has this very file already."


def add(
    *,
    patient: Patient,
    content: bytes,
    said: str,
    file_name: str,
    title: str,
    by: Member,
    visit: UUID | None = None,
    **more: Any,
) -> Document:
    """Put a file into the chart. `said` is the sender's media type.

    Raises ChartClosed, DocumentRefused, DocumentThere, NotFound (a visit of another chart).
    """
    open_chart(patient)
    try:
        found = media.judged(content, said)
    except media.NotTaken as not_taken:
        refused = DocumentRefused(WHY[not_taken.code])
        refused.code = not_taken.code
        raise refused from None
    row = Document(
        patient=patient,
        sealed_for=patient.pk,
        title=title or file_name,
        file_name=file_name,
        media_type=found.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        recorded_by=by.user_id,
        visit=_visit(patient, visit),
        **more,
    )
    try:
        with transaction.atomic():
            with refusing("document_once", DocumentThere):
                row.save(force_insert=True)
            files.keep(chart=patient.pk, document=row.pk, content=content)  # last: what fails leaves no row
            publish(EntryRecorded(patient_id=patient.pk, section="documents", row_id=row.pk))
    except BaseException:
        files.remove(chart=patient.pk, document=row.pk)
        raise
    return row


def content_of(document: Document) -> bytes:
    """The file as it came in. Raises FileGone, Unreadable."""
    return files.read(chart=sealed_under(document), document=document.pk)


def sealed_under(document: Document) -> UUID:
    """The chart whose key its file is sealed under, and in whose folder it lies."""
    return document.sealed_for or document.patient_id


def _visit(patient: Patient, visit: UUID | None) -> Visit | None:
    if visit is None:
        return None
    found = Visit.objects.filter(patient=patient, withdrawn_at=None, pk=visit).first()
    if found is None:
        raise NotFound("There is no such visit in this chart.")
    return found
