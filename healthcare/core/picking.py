"""Which job of a queue is next? Clinics take turns, whoever owes how much; within a clinic by rank.

A process remembers at which clinic it was and takes the next one that has something due: one step in an index, whether the
clinic there owes one job or ten thousand. Work of the platform takes turns as one clinic more.
"""

import threading
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from healthcare.core import holding
from healthcare.core.models import NOBODYS

# rows that were announced are due; those held by another worker at this moment are passed over
NEXT = f"""
SELECT id, COALESCE(clinic_id, '{NOBODYS}'::uuid) AS place FROM public.job
WHERE queue = %s AND state = 'ready' AND sent_at IS NOT NULL AND COALESCE(clinic_id, '{NOBODYS}'::uuid) {{after}} %s
ORDER BY queue, COALESCE(clinic_id, '{NOBODYS}'::uuid), rank_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (no input of anybody's)
ONWARDS, FROM_THE_START = NEXT.format(after=">"), NEXT.format(after=">=")

_at: dict[str, UUID] = {}  # queue -> the clinic whose turn it was last
_lock = threading.Lock()


def begin_next(queue: str) -> UUID | None:
    """Count a try of the next job, in the caller's transaction, which commits at once; its lock stays. None: nothing is due."""
    with _lock:
        last = _at.get(queue, NOBODYS)
    with connection.cursor() as cursor:
        found = _one(cursor, ONWARDS, queue, last) or _one(cursor, FROM_THE_START, queue, NOBODYS)
        if found is None:
            return None
        job_id, place = found
        cursor.execute(holding.BEGIN, [timezone.now(), job_id])
    with _lock:
        _at[queue] = place
    return job_id


def _one(cursor: Any, statement: str, queue: str, place: UUID) -> tuple[UUID, UUID] | None:
    cursor.execute(statement, [queue, place])
    row: tuple[UUID, UUID] | None = cursor.fetchone()
    return row
