"""What happened to an appointment? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class AppointmentBooked(Event):
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
class PatientArrived(Event):
    """Checked in; the queue gives a token."""

    appointment_id: UUID


@dataclass(frozen=True)
class AppointmentStepped(Event):
    """Any step of the workflow: what the queue, the audit and the integrators follow."""

    appointment_id: UUID
    verb: str
    to_state: str
