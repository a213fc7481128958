"""What keeps a chart from being erased while a court looks at it? A legal hold, until it is lifted."""

import datetime as dt

from django.db import transaction

from accounts.membership import Member
from healthcare.core.events import publish
from patients.events import HoldLifted, HoldPlaced
from patients.models import LegalHold, Patient
from patients.services.entries import open_chart


def place(*, patient: Patient, reason: str, by: Member) -> LegalHold:
    """From now on nothing of the chart may be erased. Raises ChartClosed."""
    open_chart(patient)
    row = LegalHold(patient=patient, reason=reason, placed_by=by.user_id)
    with transaction.atomic():
        row.save(force_insert=True)
        publish(HoldPlaced(patient_id=patient.pk, hold_id=row.pk))
    return row


def lift(*, hold: LegalHold, by: Member, now: dt.datetime) -> LegalHold:
    """Lifting it twice changes nothing."""
    if hold.lifted_at is None:
        with transaction.atomic():
            hold.lifted_by, hold.lifted_at = by.user_id, now
            hold.save()
            publish(HoldLifted(patient_id=hold.patient_id, hold_id=hold.pk))
    return hold
