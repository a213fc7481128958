"""Which work does this app owe? Each job loads, calls one verb, and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.services import publishing, steps
from appointments.workflow import State
from healthcare.core.jobs import job


@job("availability.refresh", queue="doctor-availability")
def refresh_availability(*, appointment_id: str) -> None:
    publishing.refresh_after(appointment_id=UUID(appointment_id), now=timezone.now())


@job("availability.refresh_practitioner", queue="doctor-availability")
def refresh_practitioner(*, practitioner_id: str) -> None:
    found = Practitioner.objects.filter(pk=practitioner_id).with_place()
    publishing.refresh(practitioners=found, now=timezone.now())


@job("availability.refresh_passed", queue="doctor-availability")
def refresh_passed() -> None:
    """For the timetable: time itself makes published instants stale."""
    publishing.refresh_passed(now=timezone.now())


@job("appointment.expire", queue="clinic-appointment")
def expire(*, appointment_id: str) -> None:
    """A hold that nobody confirmed; one that was confirmed, moved or given back is left alone."""
    held = Appointment.objects.filter(pk=UUID(appointment_id), state=State.PENDING, expires_at__lte=timezone.now()).first()
    if held is not None:
        steps.expire(appointment=held, by=None, now=timezone.now())
