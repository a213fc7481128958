"""What does a provider tell us afterwards? That it arrived, was read, or did not arrive: then the next way has its turn."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from healthcare.core.ids import as_id
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from notifications.ledger import EntryState, TurnState
from notifications.services.telling import choose_next
from notifications.tables import turns

DELIVERED, READ, FAILED = "delivered", "read", "failed"


class Handle(NamedTuple):
    """What a delivery's key says: where, which entry, which channel."""

    clinic_id: UUID
    entry_id: UUID
    channel: str


def handle_of(key: str) -> Handle | None:
    """None for a key that is no delivery's (a code for signing in has its own)."""
    parts = key.split(":")
    if len(parts) != 3:
        return None
    clinic_id, entry_id = as_id(parts[0]), as_id(parts[1])
    return Handle(clinic_id, entry_id, parts[2]) if clinic_id and entry_id else None


def follow(*, key: str, status: str, error: str, now: dt.datetime) -> bool:
    """Note a provider's report. Reports come late, twice and out of order: only what is news changes anything.

    Answers whether it did.
    """
    handle = handle_of(key)
    if handle is None:
        return False
    if handle.clinic_id.int == 0:
        with on_platform():
            return _note(handle, status, error, now)
    clinic = find_clinic(handle.clinic_id)
    if clinic is None:
        return False
    with in_clinic(clinic):
        return _note(handle, status, error, now)


@transaction.atomic
def _note(handle: Handle, status: str, error: str, now: dt.datetime) -> bool:
    rows = turns().objects.select_for_update(of=("self",)).select_related("notification")
    turn = rows.filter(notification_id=handle.entry_id, channel=handle.channel).first()
    if turn is None:
        return False
    if status == FAILED:
        return _failed(turn, error, now)
    news = turn.state == TurnState.SENT
    if news:
        turn.state, turn.delivered_at = TurnState.DELIVERED, now
        turn.save()
    entry = turn.notification
    if status == READ and entry.read_at is None:
        entry.read_at = now
        entry.save(update_fields=["read_at"])
        news = True
    return bool(news)


def _failed(turn: Any, error: str, now: dt.datetime) -> bool:
    """It was taken, and then could not be delivered."""
    if turn.state != TurnState.SENT:
        return False
    turn.state, turn.error, turn.at = TurnState.FAILED, error[:60], now
    turn.save()
    entry = turn.notification
    entry.state = EntryState.QUEUED
    entry.save(update_fields=["state"])
    choose_next(entry, after=turn.channel)
    return True
