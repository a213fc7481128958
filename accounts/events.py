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
class ContactProven(Event):
    """`kind`: email or phone."""

    user_id: UUID
    kind: str


@dataclass(frozen=True)
class PersonDeactivated(Event):
    user_id: UUID
    by: UUID | None


@dataclass(frozen=True)
class PersonReactivated(Event):
    user_id: UUID
    by: UUID | None


@dataclass(frozen=True)
class PasswordChanged(Event):
    """`why`: changed (with the old one) or reset (by a link)."""

    user_id: UUID
    why: str


@dataclass(frozen=True)
class SecondStepChanged(Event):
    """`what`: set_up, removed, codes_renewed or code_used."""

    user_id: UUID
    what: str


@dataclass(frozen=True)
class SessionEnded(Event):
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True)
class DisplayRevoked(Event):
    display_id: UUID


@dataclass(frozen=True)
class RoleGranted(Event):
    membership_id: UUID
    user_id: UUID
    clinic_id: UUID | None
    role: str


@dataclass(frozen=True)
class GrantChanged(Event):
    """It ends at another time than before, or never."""

    membership_id: UUID
    user_id: UUID
    clinic_id: UUID | None


@dataclass(frozen=True)
class GrantEnded(Event):
    membership_id: UUID
    user_id: UUID
    clinic_id: UUID | None


@dataclass(frozen=True)
class PersonInvited(Event):
    invitation_id: UUID


@dataclass(frozen=True)
class InvitationAccepted(Event):
    invitation_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class InvitationRevoked(Event):
    invitation_id: UUID
