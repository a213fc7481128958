"""Of what do calendars elsewhere hear? Of whatever changes when or whether an appointment is; only where there are any."""

from uuid import UUID

from appointments.calendars.models import CalendarCopy, CalendarTarget
from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved, AppointmentStepped
from appointments.models import Appointment
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue

ENDS = ("no_show", "expire")


@listens_to(AppointmentBooked, AppointmentMoved, AppointmentCancelled)
def copy(event: "AppointmentBooked | AppointmentMoved | AppointmentCancelled") -> None:
    _copy(event.appointment_id)


@listens_to(AppointmentStepped)
def copy_the_end(event: AppointmentStepped) -> None:
    if event.verb in ENDS:
        _copy(event.appointment_id)


def _copy(appointment_id: UUID) -> None:
    theirs = CalendarTarget.objects.filter(practitioner__appointments=appointment_id, is_active=True)
    if theirs.exists() or CalendarCopy.objects.filter(appointment=appointment_id).exists():
        version = Appointment.objects.values_list("version", flat=True).get(pk=appointment_id)
        enqueue("calendar.push", key=f"calendar.push:{appointment_id}:{version}", appointment_id=appointment_id)
