"""What should happen when the wanted time is taken? Refuse, with or without alternatives; wait; ask others to make room."""

import datetime as dt
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from appointments import waiting
from appointments.models import Appointment, Priority
from appointments.services import overriding
from appointments.services.booking import book
from appointments.services.judging import NotBookable
from healthcare.core.errors import Reason


class Strategy(StrEnum):
    REJECT = "reject"
    ALTERNATIVES = "alternatives"
    WAITLIST = "waitlist"
    OVERRIDE = "override"


# what waiting may help against: the time is somebody else's now, and may be free again
WAITABLE = {"slot_taken", "room_busy", "device_busy", "day_full", "group_full"}


class Deferred(NamedTuple):
    """Not booked, but taken care of: an entry of the waitlist, or an override that somebody must decide."""

    strategy: Strategy
    id: UUID
    reasons: list[Reason]


def book_by(
    *, strategy: Strategy, by: UUID | None, now: dt.datetime, overbook: str | None = None, **wanted: Any
) -> Appointment | Deferred:
    """Book, or do as the strategy says. Raises as `book` does; NoWaitlist; NotPressing, CannotMakeRoom."""
    search = strategy == Strategy.ALTERNATIVES
    try:
        return book(by=by, now=now, overbook=overbook, search=search, **wanted)
    except NotBookable as refused:
        if strategy not in (Strategy.WAITLIST, Strategy.OVERRIDE) or {one.code for one in refused.reasons} - WAITABLE:
            raise
        reasons = refused.reasons
    known = {"priority": Priority.NORMAL, "reason": "", **wanted}
    if strategy == Strategy.WAITLIST:
        return Deferred(strategy, waiting.join(by=by, now=now, **known), reasons)
    return Deferred(strategy, overriding.ask(by=by, now=now, **known).pk, reasons)
