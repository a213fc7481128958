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
class AppointmentTransferred(Event):
    """It ended here; `successor_id` goes on elsewhere, and was booked in the same moment."""

    appointment_id: UUID
    successor_id: UUID


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
    complete, no_show, expire; and transfer, before its own."""

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


@dataclass(frozen=True)
class LeaveTaken(Event):
    leave_id: UUID


@dataclass(frozen=True)
class LeaveUndone(Event):
    leave_id: UUID


@dataclass(frozen=True)
class OverrideAsked(Event):
    """Somebody asks that others make room for an emergency; who may decide should look."""

    override_id: UUID


@dataclass(frozen=True)
class OverrideDecided(Event):
    override_id: UUID
    state: str


@dataclass(frozen=True)
class SeriesChanged(Event):
    """A series was booked, extended or ended."""

    series_id: UUID
    version: int


@dataclass(frozen=True)
class GroupSessionChanged(Event):
    """A group session was planned or called off; its patients' own events follow."""

    group_id: UUID
    version: int


@dataclass(frozen=True)
class InstructionsWritten(Event):
    """What the patient should do before or after is there, or is due at other times."""

    appointment_id: UUID


@dataclass(frozen=True)
class StationPassed(Event):
    appointment_id: UUID
    station_id: UUID
    state: str


@dataclass(frozen=True)
class OrderReported(Event):
    appointment_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class FollowUpDue(Event):
    follow_up_id: UUID
    appointment_id: UUID
