"""How is a time held for somebody who has not decided yet? A pending appointment whose claims run out by themselves."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.services.booking import book
from appointments.workflow import State
from healthcare.core import turns
from healthcare.core.errors import Refused
from healthcare.core.tenancy import current_clinic

USUAL = dt.timedelta(minutes=10)
LONGEST = dt.timedelta(hours=24)
AT_ONCE = 3  # of one person who holds for themself


class TooManyHolds(Refused):
    code = "too_many_holds"
    detail = "You hold other times already; confirm or release one first."


def hold(
    *, by: UUID | None, now: dt.datetime, lasting: dt.timedelta = USUAL, limited: bool = False, **wanted: Any
) -> Appointment:
    """Hold a time for `lasting` (a day at most), whatever `book` takes beside. `services.steps.confirm` makes it a booking,
    `cancel` gives it back. `limited`: one person has no more than three. Raises TooManyHolds, and as `book` does.
    """
    with transaction.atomic():
        if limited and by is not None:
            turns.wait(turns.HOLDERS, f"{current_clinic().id}:{by}")
            if held(now=now).filter(booked_by=by).count() >= AT_ONCE:
                raise TooManyHolds
        return book(by=by, now=now, held_until=now + min(lasting, LONGEST), **wanted)


def held(*, now: dt.datetime) -> Any:
    """What is held just now."""
    return Appointment.objects.filter(state=State.PENDING, expires_at__gt=now)
