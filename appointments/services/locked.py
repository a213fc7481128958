"""What do all verbs on an existing appointment share? The row under its lock, and the writing of a step."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from appointments import details
from appointments.models import Appointment, Transition
from appointments.plugins.registry import hooks_of
from appointments.services import claims
from appointments.workflow import HOLDS_TIME, Step
from healthcare.core.errors import NotFound, Refused, StaleWrite

LOOKS = 3


class HoldExpired(Refused):
    code = "hold_expired"
    detail = "The time was held for you until a moment ago; book it anew."


def locked(appointment: Appointment, version: int | None = None) -> Appointment:
    """The row as it is now, locked until the end of the transaction. Raises NotFound, StaleWrite."""
    details.lock(appointment.pk)
    rows = Appointment.objects.for_page().select_for_update(of=("self",), no_key=True).filter(pk=appointment.pk)
    # Whoever waited while it went to somebody else has joined it with the former practitioner, and finds nothing: look again.
    row = next((found for found in (rows.first() for _ in range(LOOKS)) if found is not None), None)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise StaleWrite
    return row


def step_taken(
    row: Appointment,
    step: Step,
    *,
    by: UUID | None,
    now: dt.datetime,
    changed: Sequence[str] = (),
    facts: dict[str, Any] | None = None,
) -> None:
    """Write the step: state and version, one line of history, claims freed where the new state holds no time.

    The kind's plugin acts last and may still refuse, which undoes all of it. `facts` are ids and instants only. A hold that
    goes on becomes lasting. Raises HoldExpired if it has run out.
    """
    before, row.state = row.state, step.target.value
    if row.expires_at is not None and step.target in HOLDS_TIME:
        if not claims.keep(row.id):
            raise HoldExpired
        row.expires_at, changed = None, [*changed, "expires_at"]
    row.save(update_fields=["state", *changed])
    note(row, step, before, by=by, now=now, facts=facts)
    if step.target not in HOLDS_TIME:
        claims.release(row.id)
    hooks_of(row.kind).on_step(step.verb, row, by=by, now=now)


def note(
    row: Appointment, step: Step, before: str, *, by: UUID | None, now: dt.datetime, facts: dict[str, Any] | None = None
) -> None:
    """One line of the appointment's history."""
    Transition(
        appointment=row,
        verb=step.verb,
        from_state=before,
        to_state=step.target.value,
        by=by,
        at=now,
        details=facts or {},
    ).save(force_insert=True)
