"""Which job of a queue is next? Clinics take turns, whoever owes how much; within a clinic by rank.

A process remembers at which clinic it was and takes the next one that has something due: one step in an index, whether the
clinic there owes one job or ten thousand. Work of the platform takes turns as one clinic more.
"""

import threading
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from healthcare.core import holding
from healthcare.core.models import NOBODYS

PLACE = f"COALESCE(clinic_id, '{NOBODYS}'::uuid)"

# rows that were announced are due; those held by another worker at this moment are passed over
NEXT = f"""
SELECT id, {PLACE} AS place FROM public.job
WHERE queue = %s AND state = 'ready' AND sent_at IS NOT NULL AND {PLACE} BETWEEN %s AND %s
ORDER BY queue, {PLACE}, rank_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (no input of anybody's)

HIGHEST = (1 << 128) - 1

_at: dict[str, UUID] = {}  # queue -> the clinic whose turn it was last
_lock = threading.Lock()


class Next(NamedTuple):
    job_id: UUID
    place: UUID  # its clinic's id; NOBODYS: the platform's


def begin_next(queue: str, but: Collection[UUID] = ()) -> Next | None:
    """Count a try of the next job, in the caller's transaction, which commits at once; its lock stays. None: nothing is due.

    `but`: places whose jobs are not asked for.
    """
    with _lock:
        last = _at.get(queue, NOBODYS)
    with connection.cursor() as cursor:
        for first, end in spans(last, but):
            found = _one(cursor, queue, first, end)
            if found is not None:
                break
        else:
            return None
        cursor.execute(holding.BEGIN, [timezone.now(), found.job_id])
    with _lock:
        _at[queue] = found.place
    return found


def spans(last: UUID, but: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Whose turn comes after `last`, once around, to `last` itself: stretches of places, first and last.

    What is left out ends a stretch, so that none of its jobs is read, however many it owes.
    """
    stretches = []
    for first, end in ((last.int + 1, HIGHEST), (0, last.int)):
        for out in sorted(place.int for place in but if first <= place.int <= end):
            stretches.append((first, out - 1))
            first = out + 1
        stretches.append((first, end))
    return [(UUID(int=first), UUID(int=end)) for first, end in stretches if first <= end]


def _one(cursor: Any, queue: str, first: UUID, end: UUID) -> Next | None:
    cursor.execute(NEXT, [queue, first, end])
    row = cursor.fetchone()
    return Next(*row) if row else None
