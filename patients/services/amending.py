"""What becomes of a patient's wish for correction? Asked by the patient, decided by who treats them (45 CFR 164.526)."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.membership import Member
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from patients.events import AmendmentAsked, AmendmentDecided
from patients.models import Amendment, Patient
from patients.sections import SECTIONS
from patients.services.entries import open_chart


class AlreadyDecided(Refused):
    code = "already_decided"
    detail = "This request was decided already."


def ask(*, patient: Patient, text: str, by: Member, section: str = "", row: UUID | None = None) -> Amendment:
    """The patient (or who acts for them) says what is wrong. Raises ChartClosed, NotFound (an entry of another chart)."""
    open_chart(patient)
    if row is not None and not _is_entry(patient, section, row):
        raise NotFound("There is no such entry in this section of the chart.")
    asked = Amendment(patient=patient, section=section, row_id=row, text=text, recorded_by=by.user_id)
    with transaction.atomic():
        asked.save(force_insert=True)
        publish(AmendmentAsked(patient_id=patient.id, amendment_id=asked.id))
    return asked


def decide(*, amendment: Amendment, accept: bool, answer: str, by: Member, now: dt.datetime) -> Amendment:
    """Accept it (the correction is then made where it belongs) or deny it with the basis. Raises AlreadyDecided."""
    with transaction.atomic():
        row = Amendment.objects.select_for_update().get(pk=amendment.pk)
        if row.state != Amendment.State.ASKED:
            raise AlreadyDecided
        row.state = Amendment.State.ACCEPTED if accept else Amendment.State.DENIED
        row.answer, row.decided_by, row.decided_at = answer, by.user_id, now
        row.save()
        publish(AmendmentDecided(patient_id=row.patient_id, amendment_id=row.id, state=row.state))
    return row


def _is_entry(patient: Patient, section: str, row: UUID) -> bool:
    return section in SECTIONS and SECTIONS[section].model._default_manager.filter(patient=patient, pk=row).exists()
