"""What happened to messages? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class NotificationRecorded(Event):
    """It is in the person's ledger; nobody has been written to yet."""

    notification_id: UUID


@dataclass(frozen=True)
class NotificationSent(Event):
    notification_id: UUID
    channel: str


@dataclass(frozen=True)
class NotificationUnreached(Event):
    """No channel was left to try: somebody should call the person."""

    notification_id: UUID


@dataclass(frozen=True)
class NotificationRead(Event):
    notification_id: UUID


@dataclass(frozen=True)
class PreferenceChanged(Event):
    preference_id: UUID
