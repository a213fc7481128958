"""What may be corrected in an appointment without moving it? Why the patient comes, and how pressing it is."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.events import AppointmentChanged
from appointments.models import Appointment
from appointments.services.locked import locked
from appointments.workflow import FINAL, WrongState
from healthcare.core.errors import Reason
from healthcare.core.events import publish


@transaction.atomic
def change(
    *,
    appointment: Appointment,
    by: UUID | None,
    now: dt.datetime,
    reason: str | None = None,
    priority: str | None = None,
    version: int | None = None,
) -> Appointment:
    """Change what is given. Raises WrongState once it is over, StaleWrite, NotFound."""
    row = locked(appointment, version)
    if row.state in FINAL:
        raise WrongState(reasons=[Reason(WrongState.code, f"This appointment is {row.state}.")])
    given = {name: value for name, value in (("reason", reason), ("priority", priority)) if value is not None}
    for name, value in given.items():
        setattr(row, name, value)
    if given:
        row.save(update_fields=list(given))
        publish(AppointmentChanged.of(row))
    return row
