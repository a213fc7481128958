"""What does the chart room ask of appointments? Whose one is, and whether somebody sees the patient in an emergency now."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.membership import Member
from appointments.models import Appointment, Priority
from appointments.workflow import State
from patients.models import Patient
from patients.services.consenting import exception
from patients.services.entries import appointments_by

AT_HAND = (State.CHECKED_IN, State.WAITING, State.IN_PROGRESS, State.ON_HOLD)
EMERGENCY = timedelta(hours=24)


def is_theirs(patient: Patient, appointment_id: UUID) -> bool:
    return Appointment.objects.filter(pk=appointment_id, patient=patient).exists()


def in_an_emergency(patient: Patient, member: Member) -> bool:
    """The member is the practitioner of an emergency appointment of this patient, who is here (45 CFR 164.522(a)(1)(iii))."""
    since = timezone.now() - EMERGENCY
    here = Appointment.objects.filter(patient=patient, priority=Priority.EMERGENCY, state__in=AT_HAND, starts_at__gte=since)
    return here.filter(practitioner__user=member.user_id).exists()


appointments_by(is_theirs)
exception("emergency", in_an_emergency)
