"""When is somebody reminded of an appointment? As long before as the clinic says, by a job that knows its version."""

import datetime as dt
from uuid import UUID

from appointments.models import Appointment
from appointments.workflow import State
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import current_clinic
from notifications.facts import newest_version
from notifications.policy import policy_of
from notifications.services.telling import tell_of_appointment

REMIND = "reminder.send"
EXPECTED = (State.SCHEDULED, State.CONFIRMED)
SOONEST = dt.timedelta(minutes=15)  # after it was booked or moved: so near its start nobody needs to be reminded


def plan(*, appointment: Appointment, now: dt.datetime) -> None:
    """Owe the reminders of this version of an appointment, in the transaction that made it so."""
    for minutes in policy_of(current_clinic()).reminders_minutes:
        after = appointment.starts_at - dt.timedelta(minutes=minutes) - now
        if after >= SOONEST:
            enqueue(
                REMIND,
                key=f"{REMIND}:{appointment.pk}:{appointment.version}:{minutes}",
                after=after,
                appointment_id=appointment.pk,
                version=appointment.version,
                minutes=minutes,
            )


def remind(*, appointment_id: UUID, version: int, minutes: int, now: dt.datetime) -> bool:
    """Tell the patient, unless it was moved or cancelled since, has begun, or the clinic no longer reminds so long before.

    Answers whether they are told.
    """
    row = Appointment.objects.select_related("patient").filter(pk=appointment_id).first()
    if row is None or row.state not in EXPECTED or row.starts_at <= now:
        return False
    if newest_version(appointment_id) > version or minutes not in policy_of(current_clinic()).reminders_minutes:
        return False
    tell_of_appointment(message="appointment_reminder", appointment=row, version=version)
    return True
