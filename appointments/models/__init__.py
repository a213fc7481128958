"""What is the work of a clinic made of?"""

from appointments.models.appointment import Appointment, AppointmentQuerySet, Priority, Transition
from appointments.models.claim import Claim
from appointments.models.planning import Leave, LeaveHit, Occurrence, Override, Series
from appointments.models.practitioner import Place, Practitioner, Profession, ScheduleException, WeeklyTemplate
from appointments.models.resource import GroupSession, Resource
from appointments.models.work import FollowUp, Instruction, ServiceOrder, Station

__all__ = [
    "Appointment",
    "AppointmentQuerySet",
    "Claim",
    "FollowUp",
    "GroupSession",
    "Instruction",
    "Leave",
    "LeaveHit",
    "Occurrence",
    "Override",
    "Place",
    "Practitioner",
    "Priority",
    "Profession",
    "Resource",
    "ScheduleException",
    "Series",
    "ServiceOrder",
    "Station",
    "Transition",
    "WeeklyTemplate",
]
