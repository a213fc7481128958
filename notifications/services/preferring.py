"""How does a person say how they want to be told, and end a kind of message?"""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.membership import Member
from healthcare.core.errors import NotFound
from healthcare.core.events import publish
from healthcare.core.tenancy import find_clinic, in_clinic
from notifications import optout
from notifications.events import PreferenceChanged
from notifications.messages import BY_CODE
from notifications.models import Notification, Preference
from notifications.wishes import preference_of
from patients.models import Patient

CHOSEN = ("channels", "declined", "quiet_from", "quiet_until")


def preference_for(member: Member) -> Preference:
    """The member's own row, unsaved where they have said nothing yet: by their chart, or by their account."""
    chart = Patient.objects.filter(user=member.user_id).only("id").first()
    whom: dict[str, Any] = {"patient_id": chart.pk} if chart else {"user_id": member.user_id}
    return Preference.objects.filter(**whom).first() or Preference(**whom)


def prefer(*, by: Member, **changes: Any) -> Preference:
    """Change the member's own wishes; what is not named stays."""
    with transaction.atomic():
        row = locked(preference_for(by))
        for name, value in changes.items():
            setattr(row, name, value)
        return _kept(row)


def decline(*, token: str, now: dt.datetime) -> str:
    """End the kind of message that the link's entry is of. Twice is as once. Answers the kind's code. Raises NotFound."""
    told = optout.read(token)
    clinic = find_clinic(told.clinic_id) if told else None
    if told is None or clinic is None:
        raise NotFound
    with in_clinic(clinic), transaction.atomic():
        entry = Notification.objects.filter(pk=told.row_id).first()
        if entry is None or not BY_CODE[entry.message].may_be_declined:
            raise NotFound
        row = preference_of(entry) or Preference(patient_id=entry.patient_id, user_id=entry.user_id)
        row = locked(row)
        if entry.message not in row.declined:
            row.declined = [*row.declined, entry.message]
            _kept(row)
        return entry.message


def locked(row: Preference) -> Preference:
    """The row as it is now, held; two that come at once to say something for the first time make one row."""
    if row._state.adding:
        Preference.objects.bulk_create([row], ignore_conflicts=True)
    whom: dict[str, Any] = {"patient": row.patient_id} if row.patient_id else {"user_id": row.user_id}
    return Preference.objects.select_for_update().get(**whom)


def _kept(row: Preference) -> Preference:
    row.save()
    publish(PreferenceChanged(preference_id=row.id))
    return row
