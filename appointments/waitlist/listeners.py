"""What does the waitlist hear? That an offer was answered, and that a time was freed."""

import datetime as dt
from uuid import UUID

from django.utils import timezone

from appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentStepped,
    AppointmentTransferred,
    HoursChanged,
    PatientArrived,
)
from appointments.models import Appointment, Transition
from appointments.waitlist.models import Offer, Wish
from appointments.waitlist.services.answering import answered, handed_on
from appointments.waitlist.services.filling import note_opening
from appointments.waitlist.services.joining import leave
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue
from patients.events import PatientsMerged

S = Offer.State


@listens_to(AppointmentBooked, PatientArrived)
def taken(event: AppointmentBooked | PatientArrived) -> None:
    """Confirmed; or they came, and were checked in, before they answered. What has just come to be was never offered."""
    if isinstance(event, AppointmentBooked) and event.is_new:
        return
    answered(appointment_id=event.appointment_id, state=S.ACCEPTED, now=timezone.now())


@listens_to(AppointmentCancelled)
def given_back(event: AppointmentCancelled) -> None:
    now = timezone.now()
    if not answered(appointment_id=event.appointment_id, state=S.DECLINED, now=now):
        _freed(event.appointment, now)


@listens_to(PatientsMerged)
def one_chart(event: PatientsMerged) -> None:
    """A wish of the chart that ended stayed with it where the other waits for the same already: it waits no more."""
    for wish in Wish.objects.filter(patient_id=event.source_id, state__in=(Wish.State.WAITING, Wish.State.OFFERED)):
        leave(wish=wish, by=None, now=timezone.now())


@listens_to(AppointmentTransferred)
def taken_over(event: AppointmentTransferred) -> None:
    now = timezone.now()
    if not handed_on(appointment_id=event.appointment_id, successor_id=event.successor_id, now=now):
        _freed(event.appointment, now)


@listens_to(AppointmentMoved)
def moved_away(event: AppointmentMoved) -> None:
    """What it held before stands in the step's facts."""
    now = timezone.now()
    answered(appointment_id=event.appointment_id, state=S.ACCEPTED, now=now)
    row = event.appointment
    step = Transition.objects.filter(appointment=row, verb__in=("reschedule", "reassign")).order_by("-at", "-id").first()
    if step is None:
        return
    was = step.details
    starts_at = dt.datetime.fromisoformat(str(was["starts_at"])) if "starts_at" in was else row.starts_at
    ends_at = dt.datetime.fromisoformat(str(was["ends_at"])) if "ends_at" in was else starts_at + (row.ends_at - row.starts_at)
    practitioner_id = UUID(str(was.get("practitioner", row.practitioner_id)))
    note_opening(practitioner_id=practitioner_id, starts_at=starts_at, ends_at=ends_at, now=now)


@listens_to(AppointmentStepped)
def not_used(event: AppointmentStepped) -> None:
    """Nobody answered in time, or somebody left before the start."""
    now = timezone.now()
    if event.verb in ("expire", "no_show") and not answered(appointment_id=event.appointment_id, state=S.EXPIRED, now=now):
        _freed(event.appointment, now)


@listens_to(HoursChanged)
def look_again(event: HoursChanged) -> None:
    if Wish.objects.waiting().exists():
        key = f"waitlist.look_after:{event.practitioner_id}:{event.version}"
        enqueue("waitlist.look_after", key=key, practitioner_id=event.practitioner_id)


def _freed(row: Appointment, now: dt.datetime) -> None:
    note_opening(practitioner_id=row.practitioner_id, starts_at=row.starts_at, ends_at=row.ends_at, now=now)
