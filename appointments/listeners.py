"""What follows from a changed schedule within this app? The published availability is refreshed, by a job after the commit."""

from appointments import events
from healthcare.core.events import listens_to
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
