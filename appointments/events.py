"""What happened to an appointment? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class AppointmentBooked(Event):
    appointment_id: UUID
    version: int


@dataclass(frozen=True)
class AppointmentHeld(Event):
    """A time is held for minutes; `AppointmentBooked` follows if it is confirmed."""

    appointment_id: UUID
    version: int


@dataclass(frozen=True)
class AppointmentMoved(Event):
    appointment_id: UUID
    version: int


@dataclass(frozen=True)
class AppointmentCancelled(Event):
    appointment_id: UUID
    version: int


@dataclass(frozen=True)
class AppointmentChanged(Event):
    """Its reason or priority, not its time."""

    appointment_id: UUID
    version: int


@dataclass(frozen=True)
class PatientArrived(Event):
    """Checked in; the queue gives a token."""

    appointment_id: UUID


@dataclass(frozen=True)
class AppointmentStepped(Event):
    """A step of the workflow without an event of its own: confirm, wait, start, hold, resume, take_back,
    complete, no_show, expire."""

    appointment_id: UUID
    verb: str
    to_state: str


@dataclass(frozen=True)
class HoursChanged(Event):
    """A practitioner's card, weekly hours or exceptions."""

    practitioner_id: UUID
    version: int


@dataclass(frozen=True)
class ResourceChanged(Event):
    """A room or device came to be, or is used otherwise."""

    resource_id: UUID
    version: int
