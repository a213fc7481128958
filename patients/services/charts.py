"""How does a chart come into being? Opened for a person who joins, or entered by the desk."""

import datetime as dt
import secrets
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.membership import Member
from accounts.models import User
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform
from patients.events import PatientCorrected, PatientEntered
from patients.models import FormerVersion, Patient
from patients.services.duplicates import refuse_likely
from patients.services.entries import keep_version, open_chart

RECORD = "record"  # the section of what the chart itself says
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no look-alikes: an MRN is read over the phone


class AlreadyPatient(Refused):
    code = "already_patient"
    detail = "This person has a chart in this clinic already."


def new_mrn() -> str:
    """Eight random characters in two groups (6.5e11 of them): no order, no count to guess from."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"


def open_own_chart(*, user_id: UUID) -> Patient:
    """The chart of a person who joins the current clinic, from what they said of themselves. Raises AlreadyPatient."""
    with on_platform():
        person = User.objects.get(pk=user_id)
        known = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "date_of_birth": person.date_of_birth,
            "phone": person.phone,
            "email": person.email,
            "language": person.language,
        }
    return _enter(user_id=user_id, by=None, **known)


def enter_patient(
    *,
    by: Member,
    first_name: str,
    last_name: str = "",
    date_of_birth: dt.date | None = None,
    sex: str = Patient.Sex.UNKNOWN,
    phone: str | None = None,
    email: str | None = None,
    language: str = "en",
    not_a_duplicate: str = "",
) -> Patient:
    """The desk enters a chart for somebody without an account.

    Raises LikelyDuplicate where somebody of these particulars has a chart, unless `not_a_duplicate` says why it is another.
    """
    known = {
        "first_name": first_name,
        "last_name": last_name,
        "date_of_birth": date_of_birth,
        "phone": phone,
        "email": email,
    }
    if not not_a_duplicate:
        refuse_likely(by=by, **known)
    return _enter(user_id=None, by=by, why=not_a_duplicate, sex=sex, language=language, **known)


def change_patient(*, patient: Patient, by: Member, change_reason: str = "", **changes: Any) -> Patient:
    """Correct what a chart says of the person; what it said before is kept in its history. Raises ChartClosed."""
    open_chart(patient)
    with transaction.atomic():
        keep_version(patient, RECORD, by=by, reason=change_reason)
        for name, value in changes.items():
            setattr(patient, name, value)
        patient.save()
        publish(PatientCorrected(patient_id=patient.id, version=patient.version))
    return patient


def _enter(*, user_id: UUID | None, by: Member | None, why: str = "", **known: Any) -> Patient:
    patient = Patient(user_id=user_id, mrn=new_mrn(), **known)
    with transaction.atomic():
        with refusing("patient_user_once", AlreadyPatient):
            patient.save(force_insert=True)
        if why and by is not None:
            FormerVersion(
                patient=patient, section=RECORD, row_id=patient.id, number=0, said={}, reason=why, replaced_by=by.user_id
            ).save(force_insert=True)
        publish(PatientEntered(patient_id=patient.id))
    return patient
