"""In which ledger are we? A clinic's own, or the platform's: the same services write both."""

from typing import Any

from healthcare.core.tenancy import clinic_or_none
from notifications.models import Delivery, Notification
from notifications.notices.models import Notice, NoticeDelivery


def entries() -> Any:
    return Notification if clinic_or_none() else Notice


def turns() -> Any:
    return Delivery if clinic_or_none() else NoticeDelivery
