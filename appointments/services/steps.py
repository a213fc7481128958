"""How does an appointment go on? Each step of the workflow as a verb.

Every verb takes the appointment as the caller read it, locks the row (order of locks: `appointments.details`), asks the
workflow, writes the step, lets the kind's plugin act, and publishes one event, in one transaction. `by` is the person's
user id, None for the product itself; `version` is what the caller saw, if a stale write is to be refused.
Raises WrongState, StaleWrite, NotFound and the refusals below.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments import workflow
from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentStepped, PatientArrived
from appointments.models import Appointment
from appointments.services.locked import locked, step_taken
from appointments.workflow import State
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import publish

CHECK_IN_OPENS = dt.timedelta(minutes=60)  # before the start
CHECK_IN_CLOSES = dt.timedelta(hours=12)  # after it: yesterday's patient does not join today's queue


class TooEarly(Refused):
    code = "too_early"
    detail = "It is too early for this step."


class TooLate(Refused):
    code = "too_late"
    detail = "It is too late for this step."


@transaction.atomic
def check_in(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient is here; the queue, told by the event, gives a token. Raises TooEarly, TooLate."""
    row = locked(appointment, version)
    step = workflow.step("check_in", row.state)
    opens, closes = row.starts_at - CHECK_IN_OPENS, row.starts_at + CHECK_IN_CLOSES
    if now < opens:
        at = {"from_at": opens.astimezone(row.zone)}
        raise TooEarly(reasons=[Reason(TooEarly.code, "Check-in opens on {from_at}.", at, now)])
    if now > closes:
        at = {"until_at": closes.astimezone(row.zone)}
        raise TooLate(reasons=[Reason(TooLate.code, "Check-in has closed; book a new time.", at, now)])
    if row.expires_at is not None:  # who comes takes what was held for them: with all that follows from a booking
        row = confirm(appointment=row, by=by, now=now)
    step_taken(row, step, by=by, now=now)
    publish(PatientArrived.of(row))
    row.refresh_from_db(fields=["state", "version"])  # whoever gave a token may have moved it on to waiting
    return row


@transaction.atomic
def confirm(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient says that they will come; of a hold, that they take it. Raises HoldExpired."""
    row = locked(appointment, version)
    step = workflow.step("confirm", row.state)
    if row.expires_at is None:
        return _finish(row, step, by, now)
    step_taken(row, step, by=by, now=now)
    publish(AppointmentBooked.of(row))
    return row


def wait(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The checked-in patient has a place in a queue."""
    return _plain("wait", appointment, by, now, version)


def start(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The practitioner sees the patient."""
    return _plain("start", appointment, by, now, version)


def hold(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """It pauses (a test is awaited, the patient stepped out)."""
    return _plain("hold", appointment, by, now, version)


def resume(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The pause is over; the patient waits again."""
    return _plain("resume", appointment, by, now, version)


def take_back(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """Staff undid a start or a completion at the queue; the patient waits again."""
    return _plain("take_back", appointment, by, now, version)


def complete(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """It is done."""
    return _plain("complete", appointment, by, now, version)


@transaction.atomic
def no_show(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient did not come, or left; the time is free again. Raises TooEarly before the start for who never checked in."""
    row = locked(appointment, version)
    step = workflow.step("no_show", row.state)
    if now < row.starts_at and row.state not in (State.CHECKED_IN, State.WAITING):
        at = {"from_at": row.starts_at.astimezone(row.zone)}
        raise TooEarly(reasons=[Reason(TooEarly.code, "Nobody is late before the start, {from_at}.", at, now)])
    return _finish(row, step, by, now)


@transaction.atomic
def cancel(
    *, appointment: Appointment, by: UUID | None, now: dt.datetime, reason: str = "", version: int | None = None
) -> Appointment:
    """It will not take place; its time is free again."""
    row = locked(appointment, version)
    step = workflow.step("cancel", row.state)
    row.cancel_reason = reason
    step_taken(row, step, by=by, now=now, changed=["cancel_reason"])
    publish(AppointmentCancelled.of(row))
    return row


@transaction.atomic
def expire(*, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None = None) -> Appointment:
    """Nobody confirmed it in time; its time is free again. Raises TooEarly while it is held."""
    row = locked(appointment, version)
    if row.expires_at is not None and now < row.expires_at:
        raise TooEarly
    return _finish(row, workflow.step("expire", row.state), by, now)


@transaction.atomic
def _plain(verb: str, appointment: Appointment, by: UUID | None, now: dt.datetime, version: int | None) -> Appointment:
    row = locked(appointment, version)
    return _finish(row, workflow.step(verb, row.state), by, now)


def _finish(row: Appointment, step: workflow.Step, by: UUID | None, now: dt.datetime) -> Appointment:
    step_taken(row, step, by=by, now=now)
    publish(AppointmentStepped.of(row, verb=step.verb, to_state=step.target.value))
    return row
