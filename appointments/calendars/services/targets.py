"""To which calendar elsewhere are a practitioner's appointments copied, and how does it come to hold them as they are?

One resource an appointment, named by its id, so writing it twice is writing it once (RFC 4791: PUT, DELETE). The job looks what
should stand there and what does; it is told of a change only as a reason to look.
"""

import base64
import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import transaction

from appointments.calendars import entries
from appointments.calendars.events import CalendarTargetRemoved, CalendarTargetSet
from appointments.calendars.models import CalendarCopy, CalendarTarget
from appointments.models import Appointment, Practitioner
from appointments.workflow import HOLDS_TIME
from healthcare.core import guarded
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.outside import Away

GONE = (404, 410)
AHEAD = dt.timedelta(days=400)
MOST = 500  # copied when a calendar is set


class PushRefused(Exception):
    """The calendar answered, and not with yes."""


@transaction.atomic
def set_target(
    *, practitioner: Practitioner, url: str, username: str, password: str, by: UUID, now: dt.datetime
) -> CalendarTarget:
    """Copy to this collection from now on, what lies ahead at once. Raises BadTarget, StaleWrite."""
    guarded.check(url)
    row = CalendarTarget.objects.select_for_update(no_key=True).filter(practitioner=practitioner).first()
    row = row or CalendarTarget(practitioner=practitioner)
    row.url, row.username, row.password = url.rstrip("/"), username, password
    row.is_active, row.fault, row.failed_at = True, "", None
    row.save()
    row.copies.all().delete()  # of another address, perhaps
    publish(CalendarTargetSet(target_id=row.id, version=row.version))
    ahead = Appointment.objects.filter(practitioner=practitioner, state__in=HOLDS_TIME, starts_at__gt=now)
    for one, version in ahead.order_by("starts_at").values_list("id", "version")[:MOST]:
        enqueue("calendar.push", key=f"calendar.push:{one}:{version}:{row.id}.{row.version}", appointment_id=one)
    return row


@transaction.atomic
def remove_target(*, target: CalendarTarget, by: UUID, now: dt.datetime) -> None:
    publish(CalendarTargetRemoved(target_id=target.id))
    target.delete()


def push(*, appointment_id: UUID, now: dt.datetime) -> None:
    """Let every calendar hold the appointment as it is. Raises Away, BadTarget, PushRefused: the job tries again."""
    row = Appointment.objects.filter(pk=appointment_id).first()
    if row is None:
        return
    wanted = None
    if row.state in HOLDS_TIME:
        wanted = CalendarTarget.objects.filter(practitioner=row.practitioner_id, is_active=True).first()
    for copy in row.calendar_copies.select_related("target"):
        if wanted is None or copy.target_id != wanted.id:
            _delete(copy)
    if wanted is not None:
        _put(wanted, row, now)


def note_fault(*, appointment_id: UUID, code: str, now: dt.datetime) -> None:
    """For the practitioner to see why their calendar stands still."""
    for target in CalendarTarget.objects.filter(practitioner__appointments=appointment_id, is_active=True):
        target.fault, target.failed_at = code, now
        target.save(update_fields=["fault", "failed_at"])


def _put(target: CalendarTarget, row: Appointment, now: dt.datetime) -> None:
    copy = CalendarCopy.objects.filter(target=target, appointment=row).first()
    if copy is not None and copy.version >= row.version:
        return
    last = row.transitions.order_by("-at").values_list("at", flat=True).first()
    body = entries.calendar([entries.discreet(row, stamp=last or row.created_at)])
    _call(target, "PUT", row.id, body, ok=())
    if copy is None:
        copy = CalendarCopy(target=target, appointment=row)
    copy.version = row.version
    copy.save()
    target.pushed_at, target.fault, target.failed_at = now, "", None
    target.save(update_fields=["pushed_at", "fault", "failed_at"])


def _delete(copy: CalendarCopy) -> None:
    if copy.target.is_active:
        _call(copy.target, "DELETE", copy.appointment_id, b"", ok=GONE)
    copy.delete()


def _call(target: CalendarTarget, method: str, appointment_id: UUID, body: bytes, *, ok: tuple[int, ...]) -> None:
    headers = {"Content-Type": "text/calendar; charset=utf-8"}
    if target.username or target.password:
        pair = f"{target.username!s}:{target.password!s}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    url = f"{target.url!s}/{appointment_id}.ics"
    answer = guarded.call(method, url, headers=headers, body=body, seconds=settings.CALENDAR_TIMEOUT)
    if answer.status >= 500 or answer.status == 429:
        raise Away
    if not 200 <= answer.status < 300 and answer.status not in ok:
        raise PushRefused
