"""Who may act for a patient, from when and until when? The desk enters it; it ends by a day or by hand."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.membership import Member
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from patients.events import GuardianshipBegan, GuardianshipEnded
from patients.models import Guardianship, Patient
from patients.services.entries import open_chart

OF_AGE = 18  # years
MINORS = {Guardianship.Basis.PARENT, Guardianship.Basis.COURT}


class NoAccount(Refused):
    code = "guardian_without_account"
    detail = "The guardian's chart has no account: they have to sign up first."


class OwnGuardian(Refused):
    code = "own_guardian"
    detail = "Nobody is their own guardian."


class AlreadyGuardian(Refused):
    code = "already_guardian"
    detail = "This person acts for the patient already."


class OfAge(Refused):
    code = "of_age"
    detail = "The patient is of age: parents act for them only by power of attorney, a court's order or the patient's consent."


def begin(
    *, patient: Patient, guardian: Patient, basis: str, by: Member, now: dt.datetime, ends_on: dt.date | None = None
) -> Guardianship:
    """Let a person act for the patient. A parent acts until the 18th birthday at the latest.

    Raises ChartClosed, NoAccount, OwnGuardian, OfAge, AlreadyGuardian.
    """
    open_chart(patient)
    if guardian.user_id is None:
        raise NoAccount
    if guardian.pk == patient.pk or guardian.user_id == patient.user_id:
        raise OwnGuardian
    if basis == Guardianship.Basis.PARENT and patient.date_of_birth is not None:
        last = _birthday(patient.date_of_birth, OF_AGE)
        if last <= timezone.localdate(now):
            raise OfAge
        ends_on = min(ends_on, last) if ends_on else last
    row = Guardianship(patient=patient, guardian_id=guardian.user_id, basis=basis, ends_on=ends_on, recorded_by=by.user_id)
    with transaction.atomic():
        with refusing("guardianship_once", AlreadyGuardian):
            row.save(force_insert=True)
        publish(GuardianshipBegan(patient_id=patient.id, guardianship_id=row.id, user_id=row.guardian_id))
    return row


def end(*, row: Guardianship, by: Member | None, now: dt.datetime) -> Guardianship:
    """From now on the person no longer acts for the patient. Ending it twice changes nothing."""
    if row.ended_at is not None:
        return row
    with transaction.atomic():
        row.ended_at, row.ended_by = now, by.user_id if by else None
        row.save()
        publish(GuardianshipEnded(patient_id=row.patient_id, guardianship_id=row.id, user_id=row.guardian_id))
    return row


def _birthday(born: dt.date, years: int) -> dt.date:
    """The day somebody becomes so old; who was born on 29 February, on 1 March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return dt.date(born.year + years, 3, 1)
