"""Which work is owed to calendars elsewhere? A copy of each changed appointment; the job looks and may run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.calendars.services import targets
from healthcare.core.guarded import BadTarget
from healthcare.core.jobs import job

CODES = {targets.PushRefused: "refused", BadTarget: "bad_target"}


def _failed(*, error: Exception, last: bool, appointment_id: str) -> None:
    code = CODES.get(type(error), "away")
    targets.note_fault(appointment_id=UUID(appointment_id), code=code, now=timezone.now())


@job("calendar.push", queue="calendar-sync", failed=_failed)
def push(*, appointment_id: str) -> None:
    targets.push(appointment_id=UUID(appointment_id), now=timezone.now())
