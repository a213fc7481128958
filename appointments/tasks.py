"""Which work does this app owe? Each job loads, calls one verb, and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.plugins.owing import CARE
from appointments.services import follow_ups, instructions, orders, publishing, series, stations, steps
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


def care(*, appointment_id: str) -> None:
    """Preparation and after-care, in the queue of the department whose kind it is."""
    instructions.write(appointment_id=UUID(appointment_id))


for _name, _queue in CARE.items():
    job(_name, queue=_queue)(care)


@job("checkup.stations", queue="chequp")
def lay_out_stations(*, appointment_id: str) -> None:
    stations.lay_out(appointment_id=UUID(appointment_id))


@job("service.order", queue="service")
def place_order(*, appointment_id: str) -> None:
    orders.place(appointment_id=UUID(appointment_id))


@job("follow_up.set", queue="follow-up")
def set_follow_up(*, appointment_id: str) -> None:
    follow_ups.set_for(appointment_id=UUID(appointment_id))


@job("follow_up.close", queue="follow-up")
def close_follow_up(*, appointment_id: str) -> None:
    follow_ups.close_for(appointment_id=UUID(appointment_id))


@job("follow_up.fall_due", queue="follow-up")
def fall_due() -> None:
    """For the timetable: every morning of the clinic."""
    follow_ups.fall_due(now=timezone.now())


@job("series.extend", queue="recurring-appointment")
def extend_series() -> None:
    """For the timetable: what has come within the horizon is booked."""
    now = timezone.now()
    for one in series.due(now=now):
        series.extend(series=one, by=None, now=now)
