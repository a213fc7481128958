"""What does the waitlist hear? That an offer was answered, and that a time was freed."""

import datetime as dt
from uuid import UUID

from django.utils import timezone

from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved, AppointmentStepped, HoursChanged
from appointments.models import Appointment, Transition
from appointments.waitlist.models import Offer, Wish
from appointments.waitlist.services.answering import answered
from appointments.waitlist.services.filling import note_opening
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue

S = Offer.State


@listens_to(AppointmentBooked)
def taken(event: AppointmentBooked) -> None:
    answered(appointment_id=event.appointment_id, state=S.ACCEPTED, now=timezone.now())


@listens_to(AppointmentCancelled)
def given_back(event: AppointmentCancelled) -> None:
    now = timezone.now()
    if not answered(appointment_id=event.appointment_id, state=S.DECLINED, now=now):
        row = Appointment.objects.get(pk=event.appointment_id)
        note_opening(practitioner_id=row.practitioner_id, starts_at=row.starts_at, ends_at=row.ends_at, now=now)


@listens_to(AppointmentMoved)
def moved_away(event: AppointmentMoved) -> None:
    """What it held before stands in the step's facts."""
    now = timezone.now()
    answered(appointment_id=event.appointment_id, state=S.ACCEPTED, now=now)
    row = Appointment.objects.get(pk=event.appointment_id)
    step = Transition.objects.filter(appointment=row, verb="reschedule").order_by("-at", "-id").first()
    if step is None or "starts_at" not in step.details:
        return
    starts_at = dt.datetime.fromisoformat(str(step.details["starts_at"]))
    practitioner_id = UUID(str(step.details.get("practitioner", row.practitioner_id)))
    note_opening(
        practitioner_id=practitioner_id, starts_at=starts_at, ends_at=starts_at + (row.ends_at - row.starts_at), now=now
    )


@listens_to(AppointmentStepped)
def run_out(event: AppointmentStepped) -> None:
    if event.verb == "expire" and not answered(appointment_id=event.appointment_id, state=S.EXPIRED, now=timezone.now()):
        row = Appointment.objects.get(pk=event.appointment_id)
        note_opening(
            practitioner_id=row.practitioner_id, starts_at=row.starts_at, ends_at=row.ends_at, now=timezone.now()
        )  # fmt: skip


@listens_to(HoursChanged)
def look_again(event: HoursChanged) -> None:
    if Wish.objects.waiting().exists():
        key = f"waitlist.look_after:{event.practitioner_id}:{event.version}"
        enqueue("waitlist.look_after", key=key, practitioner_id=event.practitioner_id)
