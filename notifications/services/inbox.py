"""How does a person's room learn of a new entry? Numbered under the inbox' lock, hinted after commit."""

from typing import Any

from django.db import connection

from healthcare.core.ids import new_id
from healthcare.core.realtime.layer import hint_after_commit
from healthcare.core.realtime.rooms import RoomName
from healthcare.core.tenancy import current_clinic
from notifications.room import KIND

NEXT = """
INSERT INTO notifications_inbox (id, user_id, seq) VALUES (%s, %s, 1)
ON CONFLICT (user_id) DO UPDATE SET seq = notifications_inbox.seq + 1 RETURNING seq
"""


def number(entry: Any) -> None:
    """Give the entry its number, if who is told has an account and so may listen."""
    user_id = entry.account_id
    if user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [new_id(), user_id])
        entry.inbox_seq = int(cursor.fetchone()[0])
    hint_after_commit(str(RoomName(KIND, current_clinic().id, user_id)), entry.inbox_seq)
