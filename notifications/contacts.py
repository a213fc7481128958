"""Where can this person be reached? The account's own contact counts before what the desk wrote into the chart."""

from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from healthcare.core.crypto import Unreadable
from healthcare.core.tenancy import on_platform
from notifications.ledger import Entry
from notifications.services import devices

FIELDS = {"email": "email", "sms": "phone", "whatsapp": "phone"}  # channel: the field of account and chart with its address
PUSH = "push"


class Contact(NamedTuple):
    name: str  # first name, for the greeting
    address: str


def contact(entry: Entry, channel: str) -> Contact | None:
    """Name and address now, or None: no address for this channel, or the person's key was destroyed."""
    try:
        return _of_account(entry.account_id, channel) or _of_chart(entry, channel)
    except Unreadable:
        return None


def _of_account(user_id: UUID | None, channel: str) -> Contact | None:
    if user_id is None:
        return None
    with on_platform():
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if channel == PUSH:
            address = devices.address_of(user_id=user_id) if user else ""
            return Contact(user.first_name, address) if user and address else None
        return _contact(user, channel)


def _of_chart(entry: Entry, channel: str) -> Contact | None:
    return _contact(getattr(entry, "patient", None), channel) if channel in FIELDS else None


def _contact(row: object | None, channel: str) -> Contact | None:
    address = getattr(row, FIELDS[channel]) if row else None
    return Contact(getattr(row, "first_name", ""), address) if address else None
