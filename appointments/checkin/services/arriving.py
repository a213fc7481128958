"""What do all ways of arriving have in common? The same verb of the workflow, and a line that says by which way."""

import datetime as dt
from uuid import UUID

from appointments.checkin.models import Arrival, Pass
from appointments.models import Appointment
from appointments.services import steps


def arrive(
    *, appointment: Appointment, way: Arrival.Way, now: dt.datetime, by: UUID | None = None, display_id: UUID | None = None
) -> Appointment:
    """Check in, inside the caller's transaction. Raises as `steps.check_in` does: WrongState, TooEarly, TooLate."""
    row = steps.check_in(appointment=appointment, by=by, now=now)
    Pass.objects.filter(appointment=row).delete()
    Arrival.objects.filter(appointment=row).delete()  # of an earlier time: the appointment was moved since
    Arrival(appointment=row, way=way, by=by, display_id=display_id, at=now).save(force_insert=True)
    return row
