"""How is a queue's log read by those who listen to it?"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from appointments.models import Practitioner
from appointments.queue import faces
from appointments.queue.models import Queue, QueueEvent, Token
from healthcare.core.realtime.rooms import Entry, NoRoom

KIND = "queue"
TOKEN = ("id", "number", "serial", "status", "priority", "place", "called_at")
QUEUE = ("id", "prefix", "day", "seq", "is_open")
PRACTITIONER = ("id", "name", "title", "speciality", "room")


class QueueLog:
    kind = KIND

    def seqs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        return dict(Queue.objects.filter(pk__in=list(ids)).values_list("id", "seq"))

    def since(self, room: UUID, seq: int, limit: int) -> list[Entry]:
        rows = QueueEvent.objects.filter(queue=room, seq__gt=seq).order_by("seq")[:limit]
        return [Entry(row.seq, entry_body(row)) for row in rows.only("seq", "event", "face", "at")]

    def snapshot(self, room: UUID) -> Entry:
        """One statement, so that the tokens and the seq are of the same moment."""
        columns = (*QUEUE, *(f"practitioner__{c}" for c in PRACTITIONER), *(f"tokens__{c}" for c in TOKEN))
        rows = list(Queue.objects.filter(pk=room).values(*columns))
        if not rows:
            raise NoRoom
        queue = Queue(**{c: rows[0][c] for c in QUEUE})
        queue.practitioner = _practitioner(rows[0])
        tokens = [Token(queue_id=queue.id, **{c: r[f"tokens__{c}"] for c in TOKEN}) for r in rows if r["tokens__id"]]
        return Entry(queue.seq, {"queue": faces.board(queue, tokens)})


def entry_body(row: QueueEvent) -> dict[str, Any]:
    return {"seq": row.seq, "event": row.event, "token": row.face, "at": row.at.isoformat()}


def _practitioner(row: dict[str, Any]) -> Practitioner:
    return Practitioner(**{c: row[f"practitioner__{c}"] for c in PRACTITIONER})
