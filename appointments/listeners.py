"""What follows from a changed schedule within this app? Free times are published anew, figures counted anew."""

from appointments import events
from appointments.dashboard import DAY
from healthcare.core.cache import APPOINTMENTS
from healthcare.core.events import Event, listens_to
from healthcare.core.jobs import enqueue


@listens_to(events.AppointmentBooked, events.AppointmentMoved, events.AppointmentCancelled)
def refresh_availability(event: "events.AppointmentBooked | events.AppointmentMoved | events.AppointmentCancelled") -> None:
    enqueue(
        "availability.refresh",
        key=f"availability.refresh:{event.appointment_id}:{event.version}",
        appointment_id=event.appointment_id,
    )


@listens_to(events.HoursChanged)
def refresh_hours(event: events.HoursChanged) -> None:
    enqueue(
        "availability.refresh_practitioner",
        key=f"availability.refresh:{event.practitioner_id}:{event.version}",
        practitioner_id=event.practitioner_id,
    )


@listens_to(*(one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event) and one is not Event))
def forget_figures(event: Event) -> None:
    """Whatever happened to an appointment, the day's figures may be others now."""
    APPOINTMENTS.forget(subject=DAY)
