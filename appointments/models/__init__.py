"""What is the work of a clinic made of?"""

from appointments.models.appointment import Appointment, AppointmentQuerySet, Priority, Transition
from appointments.models.claim import Claim
from appointments.models.practitioner import Place, Practitioner, Profession, ScheduleException, WeeklyTemplate
from appointments.models.resource import GroupSession, Resource

__all__ = [
    "Appointment",
    "AppointmentQuerySet",
    "Claim",
    "GroupSession",
    "Place",
    "Practitioner",
    "Priority",
    "Profession",
    "Resource",
    "ScheduleException",
    "Transition",
    "WeeklyTemplate",
]
