"""Of what are people told? Each event of an appointment, entered into the patient's ledger in the same transaction."""

from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from healthcare.core.events import listens_to
from notifications.services.telling import tell_of_appointment


@listens_to(AppointmentBooked)
def confirm(event: AppointmentBooked) -> None:
    tell_of_appointment(message="appointment_booked", appointment_id=event.appointment_id, version=event.version)


@listens_to(AppointmentMoved)
def tell_new_time(event: AppointmentMoved) -> None:
    tell_of_appointment(message="appointment_moved", appointment_id=event.appointment_id, version=event.version)


@listens_to(AppointmentCancelled)
def tell_of_cancellation(event: AppointmentCancelled) -> None:
    tell_of_appointment(message="appointment_cancelled", appointment_id=event.appointment_id, version=event.version)
