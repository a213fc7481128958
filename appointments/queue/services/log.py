"""How does a queue's log grow? By one entry a change, numbered under the queue's lock, in the transaction of the change."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from appointments.queue import faces
from appointments.queue.events import TokenStepped
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.queue.room import KIND
from healthcare.core.events import publish
from healthcare.core.realtime.layer import hint_after_commit
from healthcare.core.realtime.rooms import RoomName
from healthcare.core.tenancy import current_clinic

NEXT_SEQ = "UPDATE queue_queue SET seq = seq + 1 WHERE id = %s RETURNING seq"
NEXT_NUMBER = "UPDATE queue_queue SET last_number = last_number + 1 WHERE id = %s RETURNING last_number"
COLUMNS = {column.name: column for column in Token._meta.concrete_fields}
REMEMBERED = ("status", "place", "called_at", "calls", "started_at", "finished_at")


def record(
    queue: Queue,
    event: str,
    token: Token,
    *,
    by: UUID | None,
    now: dt.datetime,
    before: dict[str, Any] | None = None,
    place: int | None = None,
) -> None:
    """Write one entry; tell the sockets after commit. The caller holds the queue's lock; `place`, where known, saves a look."""
    queue.seq = counted(NEXT_SEQ, queue)
    QueueEvent(
        queue=queue,
        seq=queue.seq,
        event=event,
        token=token,
        face=faces.face(token, queue, place or position(token)),
        before=before or {},
        at=now,
        by=by,
    ).save(force_insert=True)
    publish(TokenStepped(queue_id=queue.id, token_id=token.id, event=event, seq=queue.seq))
    hint_after_commit(str(RoomName(KIND, current_clinic().id, queue.id)), queue.seq)


def counted(statement: str, queue: Queue) -> int:
    """The next number by the database's own count: a transaction may hold more than one copy of the queue's row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [queue.pk])
        return int(cursor.fetchone()[0])


def position(token: Token) -> int | None:
    """Rank among those who wait, from 1."""
    if token.status != Token.Status.WAITING:
        return None
    line = list(Token.objects.filter(queue=token.queue_id).waiting().values_list("id", flat=True))
    return line.index(token.id) + 1


def remembered(token: Token) -> dict[str, Any]:
    """What undo needs, JSON-ready."""
    return {name: _plain(getattr(token, name)) for name in REMEMBERED}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, (str, Decimal)) else value


def put_back(token: Token, before: dict[str, Any]) -> None:
    for name in REMEMBERED:
        setattr(token, name, COLUMNS[name].to_python(before[name]))
