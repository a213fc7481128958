"""What happened on the waitlist? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class WaitlistJoined(Event):
    wish_id: UUID


@dataclass(frozen=True)
class WaitlistLeft(Event):
    """By the patient or the desk (`left`), or because nobody could be served in time (`lapsed`)."""

    wish_id: UUID
    state: str


@dataclass(frozen=True)
class WaitlistOffered(Event):
    """The appointment is pending until the offer expires; to confirm it is to accept."""

    offer_id: UUID
    wish_id: UUID
    appointment_id: UUID


@dataclass(frozen=True)
class WaitlistAnswered(Event):
    """accepted · declined · expired"""

    offer_id: UUID
    wish_id: UUID
    appointment_id: UUID
    state: str
