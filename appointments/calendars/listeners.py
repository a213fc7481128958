"""Of what do calendars elsewhere hear? Of whatever changes when or whether an appointment is; only where there are any."""

from appointments.calendars.models import CalendarCopy, CalendarTarget
from appointments.events import AboutAppointment, AppointmentBooked, AppointmentCancelled, AppointmentMoved, AppointmentStepped
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue

ENDS = ("no_show", "expire", "transfer")


@listens_to(AppointmentBooked, AppointmentMoved, AppointmentCancelled)
def copy(event: "AppointmentBooked | AppointmentMoved | AppointmentCancelled") -> None:
    _copy(event)


@listens_to(AppointmentStepped)
def copy_the_end(event: AppointmentStepped) -> None:
    if event.verb in ENDS:
        _copy(event)


def _copy(event: AboutAppointment) -> None:
    row = event.appointment
    told = CalendarTarget.objects.filter(practitioner=row.practitioner_id, is_active=True).exists()
    is_new = isinstance(event, AppointmentBooked) and event.is_new
    if told or (not is_new and CalendarCopy.objects.filter(appointment=row.pk).exists()):
        enqueue("calendar.push", key=f"calendar.push:{row.pk}:{row.version}", appointment_id=row.pk)
