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
from patients.events import PatientEntered
from patients.models import Patient

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
    return _enter(user_id=user_id, by=user_id, **known)


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
) -> Patient:
    """The desk enters a chart for somebody without an account."""
    return _enter(
        user_id=None,
        by=by.user_id,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        sex=sex,
        phone=phone,
        email=email,
        language=language,
    )


def change_patient(*, patient: Patient, **changes: Any) -> Patient:
    """Correct what a chart says of the person; the audit keeps that it changed."""
    with transaction.atomic():
        for name, value in changes.items():
            setattr(patient, name, value)
        patient.save()
    return patient


def _enter(*, user_id: UUID | None, by: UUID, **known: Any) -> Patient:
    patient = Patient(user_id=user_id, mrn=new_mrn(), **known)
    with transaction.atomic():
        with refusing("patient_user_once", AlreadyPatient):
            patient.save(force_insert=True)
        publish(PatientEntered(patient_id=patient.id))
    return patient
