"""Which work does this app owe? Each job loads, calls one verb, and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.models import Practitioner
from appointments.services import publishing
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
