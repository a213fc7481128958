"""What should the patient do before and after, and when? Rows made of the kind's advice, kept right when the time moves."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.events import InstructionsWritten
from appointments.models import Appointment, Instruction
from appointments.plugins.base import Kind
from appointments.plugins.registry import hooks_of
from appointments.workflow import HOLDS_TIME, State
from healthcare.core.errors import NotFound
from healthcare.core.events import publish

ZERO = dt.timedelta(0)


@transaction.atomic
def write(*, appointment_id: UUID) -> None:
    """Make the instructions those of the appointment as it is now; what was ticked off stays. May run twice, or late.

    Preparation belongs to an appointment that is agreed, after-care to one that is completed, nothing to one that is off.
    """
    row = Appointment.objects.select_for_update(no_key=True).filter(pk=appointment_id).first()
    if row is None:
        return
    wanted = dict(_wanted(row, hooks_of(row.kind)))
    there = {(one.phase, one.place): one for one in row.instructions.all()}
    for key, one in there.items():
        if key not in wanted and one.done_at is None:
            one.delete()
    changed = False
    for (phase, place), (due_at, text) in wanted.items():
        one = there.get((phase, place)) or Instruction(appointment=row, phase=phase, place=place)
        if (one.text, one.due_at if one.due_at else None) != (text, due_at) and one.done_at is None:
            one.text, one.due_at = text, due_at
            one.save()
            changed = True
    if changed:
        publish(InstructionsWritten(appointment_id=row.id))


@transaction.atomic
def tick(*, appointment: Appointment, instruction_id: UUID, by: UUID | None, now: dt.datetime) -> Instruction:
    """The patient did it. Twice is once. Raises NotFound."""
    one = Instruction.objects.select_for_update(no_key=True).filter(pk=instruction_id, appointment=appointment).first()
    if one is None:
        raise NotFound
    if one.done_at is None:
        one.done_at = now
        one.save(update_fields=["done_at"])
    return one


def _wanted(row: Appointment, kind: Kind) -> list[tuple[tuple[str, int], tuple[dt.datetime, str]]]:
    found = []
    for place, (at, text) in enumerate(kind.advice):
        before = at < ZERO
        if before and row.state in HOLDS_TIME and row.state != State.PENDING:
            found.append((("before", place), (row.starts_at + at, text)))
        if not before and row.state == State.COMPLETED:
            found.append((("after", place), (row.ends_at + at, text)))
    return found
