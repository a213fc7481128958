"""Where can this person be reached? The account's own contact counts before what the desk wrote into the chart."""

from typing import NamedTuple

from accounts.models import User
from healthcare.core.crypto import Unreadable
from healthcare.core.tenancy import on_platform
from notifications.models import Notification

FIELDS = {"email": "email"}  # channel: the field of account and chart that holds its address


class Contact(NamedTuple):
    name: str  # first name, for the greeting
    address: str


def contact(notification: Notification, channel: str) -> Contact | None:
    """Name and address now, or None: no address for this channel, or the person's key was destroyed."""
    try:
        return _of_account(notification, channel) or _of_chart(notification, channel)
    except Unreadable:
        return None


def _of_account(notification: Notification, channel: str) -> Contact | None:
    patient = notification.patient
    user_id = patient.user_id if patient else notification.user_id
    if user_id is None:
        return None
    with on_platform():
        user = User.objects.filter(pk=user_id, is_active=True).first()
        return _contact(user, channel)


def _of_chart(notification: Notification, channel: str) -> Contact | None:
    return _contact(notification.patient, channel)


def _contact(row: object | None, channel: str) -> Contact | None:
    address = getattr(row, FIELDS[channel]) if row else None
    return Contact(getattr(row, "first_name", ""), address) if address else None
