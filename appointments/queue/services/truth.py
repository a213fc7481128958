"""How do token and appointment stay one truth? A queue verb moves the appointment; a moved appointment moves its token."""

import datetime as dt
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from appointments.models import Appointment
from appointments.queue.models import Token
from appointments.services import steps
from appointments.workflow import State

STEPS: dict[tuple[str, State], Callable[..., Any]] = {
    (State.CHECKED_IN, State.WAITING): steps.wait,
    (State.ON_HOLD, State.WAITING): steps.resume,
    (State.IN_PROGRESS, State.WAITING): steps.take_back,
    (State.COMPLETED, State.WAITING): steps.take_back,
    (State.WAITING, State.IN_PROGRESS): steps.start,
    (State.ON_HOLD, State.IN_PROGRESS): steps.start,
    (State.WAITING, State.ON_HOLD): steps.hold,
    (State.IN_PROGRESS, State.ON_HOLD): steps.hold,
    (State.WAITING, State.COMPLETED): steps.complete,
    (State.IN_PROGRESS, State.COMPLETED): steps.complete,
}
_leading: ContextVar[bool] = ContextVar("queue_leads", default=False)


def lead(token: Token, wanted: State | None, *, by: UUID | None, now: dt.datetime) -> None:
    """Bring the token's appointment to `wanted`, directly or by way of waiting. Raises WrongState."""
    if token.appointment_id is None or wanted is None:
        return
    appointment = Appointment.objects.get(pk=token.appointment_id)
    marker = _leading.set(True)
    try:
        while appointment.state != wanted:
            key = (appointment.state, wanted)
            take = STEPS.get(key) or STEPS.get((appointment.state, State.WAITING)) or steps.resume  # resume: says what is wrong
            appointment = take(appointment=appointment, by=by, now=now)
    finally:
        _leading.reset(marker)


def queue_leads() -> bool:
    """Is it a queue verb that moves the appointment just now? Then its token has moved already."""
    return _leading.get()
