"""What happened to an appointment? (ids only)"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from appointments.models import Appointment
from healthcare.core.events import Event

FIRST = 1  # the version of a row that has just come to be


@dataclass(frozen=True)
class AboutAppointment(Event):
    """Base of those that tell of one appointment. Whoever publishes has its row in hand: listeners are given it."""

    appointment_id: UUID

    @classmethod
    def of(cls, row: Appointment, **facts: Any) -> Self:
        """The event, with the row as it was just written; only its id (and version) are recorded."""
        if any(one.name == "version" for one in fields(cls)):
            facts["version"] = row.version
        event = cls(appointment_id=row.pk, **facts)
        event.__dict__["appointment"] = row
        return event

    @cached_property
    def appointment(self) -> Appointment:
        """With patient and practitioner. What an earlier listener changed since is not in it."""
        return Appointment.objects.select_related("patient", "practitioner").get(pk=self.appointment_id)


@dataclass(frozen=True)
class AppointmentBooked(AboutAppointment):
    version: int

    @property
    def is_new(self) -> bool:
        """It came to be just now: nothing was held, offered or copied before."""
        return self.version == FIRST


@dataclass(frozen=True)
class AppointmentHeld(AboutAppointment):
    """A time is held for minutes; `AppointmentBooked` follows if it is confirmed."""

    version: int


@dataclass(frozen=True)
class AppointmentMoved(AboutAppointment):
    version: int


@dataclass(frozen=True)
class AppointmentTransferred(AboutAppointment):
    """It ended here; `successor_id` goes on elsewhere, and was booked in the same moment."""

    successor_id: UUID


@dataclass(frozen=True)
class AppointmentCancelled(AboutAppointment):
    version: int


@dataclass(frozen=True)
class AppointmentChanged(AboutAppointment):
    """Its reason or priority, not its time."""

    version: int


@dataclass(frozen=True)
class PatientArrived(AboutAppointment):
    """Checked in; the queue gives a token."""


@dataclass(frozen=True)
class AppointmentStepped(AboutAppointment):
    """A step of the workflow without an event of its own: confirm, wait, start, hold, resume, take_back,
    complete, no_show, expire; and transfer, before its own."""

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
