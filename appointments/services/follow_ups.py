"""Who should come again, what for and by when? Set when a visit is completed, due on its day, closed by a booking."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.events import FollowUpDue
from appointments.models import Appointment, FollowUp
from appointments.plugins.registry import hooks_of
from appointments.workflow import HOLDS_TIME, State
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import current_clinic

WAITING = (FollowUp.State.OPEN, FollowUp.State.DUE)


class Closed(Refused):
    code = "follow_up_closed"
    detail = "This follow-up was booked or dismissed already."


@transaction.atomic
def set_for(*, appointment_id: UUID) -> None:
    """The follow-up that a completed visit of its kind asks for. May run twice."""
    held = Appointment.objects.select_for_update(no_key=True).filter(pk=appointment_id)  # alone: what it joins may change
    row = Appointment.objects.for_page().filter(pk=appointment_id).first() if held else None
    if row is None or row.state != State.COMPLETED or (wanted := hooks_of(row.kind).follow_up) is None:
        return
    if not FollowUp.objects.filter(appointment=row).exists():
        kind, after = wanted
        due_on = (row.ends_at.astimezone(row.zone) + after).date()
        FollowUp(appointment=row, kind=kind, due_on=due_on).save(force_insert=True)


@transaction.atomic
def close_for(*, appointment_id: UUID) -> None:
    """A booked visit answers the patient's oldest follow-up of its kind. May run twice."""
    row = Appointment.objects.filter(pk=appointment_id, state__in=HOLDS_TIME).first()
    if row is None or row.follows_up.exists():
        return
    rows = FollowUp.objects.select_for_update(of=("self",), no_key=True).filter(state__in=WAITING, kind=row.kind)
    waiting = rows.filter(appointment__patient=row.patient_id).exclude(appointment=row).order_by("due_on", "pk").first()
    if waiting is not None:
        waiting.state, waiting.booked = FollowUp.State.BOOKED, row
        waiting.save(update_fields=["state", "booked"])


@transaction.atomic
def fall_due(*, now: dt.datetime) -> int:
    """What has come due in the clinic's calendar is said so, each once. Answers how many."""
    today = now.astimezone(ZoneInfo(current_clinic().zone)).date()
    rows = FollowUp.objects.select_for_update(skip_locked=True, no_key=True).filter(
        state=FollowUp.State.OPEN, due_on__lte=today
    )
    due = list(rows.order_by("due_on", "pk")[:500])
    for one in due:
        one.state = FollowUp.State.DUE
        one.save(update_fields=["state"])
        publish(FollowUpDue(follow_up_id=one.id, appointment_id=one.appointment_id))
    return len(due)


@transaction.atomic
def dismiss(*, follow_up: FollowUp, by: UUID | None, now: dt.datetime) -> FollowUp:
    """Nobody needs to come. Raises Closed, NotFound."""
    row = FollowUp.objects.select_for_update(no_key=True).filter(pk=follow_up.pk).first()
    if row is None:
        raise NotFound
    if row.state not in WAITING:
        raise Closed
    row.state = FollowUp.State.DISMISSED
    row.save(update_fields=["state"])
    return row
