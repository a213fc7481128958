"""What happened to people? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class PersonRegistered(Event):
    user_id: UUID


@dataclass(frozen=True)
class PersonJoinedClinic(Event):
    """Published inside the clinic, so that its chart can be made there."""

    user_id: UUID


@dataclass(frozen=True)
class PersonSignedIn(Event):
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class SignInFailed(Event):
    """`mark` is a keyed digest of what was given as identifier; the same whether or not somebody has it."""

    mark: str


@dataclass(frozen=True)
class SessionEnded(Event):
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class DisplayRevoked(Event):
    display_id: UUID
