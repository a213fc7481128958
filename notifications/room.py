"""How is a person's room read? Their new entries, ids only; the words are asked for over REST."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from healthcare.core.realtime.rooms import Entry
from notifications.models import Inbox, Notification

KIND = "user"


class InboxLog:
    """A person who was told nothing yet has an empty room."""

    kind = KIND

    def seqs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        wanted = list(ids)
        known = dict(Inbox.objects.filter(user_id__in=wanted).values_list("user_id", "seq"))
        return {user_id: known.get(user_id, 0) for user_id in wanted}

    def since(self, room: UUID, seq: int, limit: int) -> list[Entry]:
        rows = Notification.objects.of_person(room).filter(inbox_seq__gt=seq).order_by("inbox_seq")[:limit]
        return [Entry(row.inbox_seq or 0, body(row)) for row in rows]

    def snapshot(self, room: UUID) -> Entry:
        """How many wait to be read; which ones is a question to REST."""
        unread = Notification.objects.of_person(room).filter(Q(read_at=None)).count()
        return Entry(self.seqs([room])[room], {"notifications": {"unread": unread}})


def body(row: Notification) -> dict[str, Any]:
    told = {"id": str(row.id), "message": row.message}
    return {"seq": row.inbox_seq, "event": "notification.recorded", "notification": told, "at": row.created_at.isoformat()}
