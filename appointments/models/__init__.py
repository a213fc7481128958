"""What is the work of a clinic made of?"""

from appointments.models.appointment import Appointment, AppointmentQuerySet, Priority, Transition
from appointments.models.claim import Claim
from appointments.models.practitioner import Place, Practitioner, ScheduleException, WeeklyTemplate

__all__ = [
    "Appointment",
    "AppointmentQuerySet",
    "Claim",
    "Place",
    "Practitioner",
    "Priority",
    "ScheduleException",
    "Transition",
    "WeeklyTemplate",
]
