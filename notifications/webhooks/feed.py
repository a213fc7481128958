"""What happened in a clinic, in an order that a reader can follow to the end and miss nothing?

Ids are in the order in which events were made, not in which their transactions ended: one that is read past may appear later.
So the feed ends before the oldest transaction that is still open: nothing older can appear any more.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from healthcare.core.ids import first_id_at
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import current_clinic, on_platform
from notifications.webhooks.outward import EVENTS

MARGIN = dt.timedelta(seconds=2)  # an id is made a moment before its transaction begins, and clocks differ a little
OLDEST_OPEN = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()
"""


def here() -> UUID:
    """The id of the current clinic."""
    found: UUID = current_clinic().id
    return found


def settled_before() -> UUID:
    """Events with smaller ids are all there."""
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(OLDEST_OPEN)
        oldest: dt.datetime | None = cursor.fetchone()[0]
    now = timezone.now()
    return first_id_at(min(oldest or now, now) - MARGIN)


def outward(clinic_id: UUID) -> "QuerySet[EventRecord, Any]":
    """A clinic's events that integrators may see; to be read on the platform."""
    return EventRecord.objects.filter(clinic_id=clinic_id, name__in=EVENTS)


def after(clinic_id: UUID, cursor: UUID | None, limit: int) -> list[EventRecord]:
    """Up to `limit` events after the cursor, oldest first."""
    end = settled_before()
    with on_platform():
        rows = outward(clinic_id).filter(id__lt=end)
        if cursor is not None:
            rows = rows.filter(id__gt=cursor)
        return list(rows.order_by("id")[:limit])


def shown(row: EventRecord) -> dict[str, Any]:
    return {"id": str(row.id), "name": row.name, "at": row.at.isoformat(), "payload": row.payload}
