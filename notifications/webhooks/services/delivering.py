"""How does an event get to an integrator? Signed, with patience that grows; whoever gets it twice knows it by its id.

The signature is `t=<seconds>,v1=<hex>`: HMAC-SHA256 with the webhook's secret over `<seconds>.<body>`. A receiver compares it
and refuses what is older than some minutes.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from healthcare.core import guarded
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.models import EventRecord
from healthcare.core.outside import Away
from healthcare.core.tenancy import on_platform
from notifications.webhooks import feed
from notifications.webhooks.events import WebhookStopped
from notifications.webhooks.models import Webhook, WebhookDelivery
from notifications.webhooks.outward import EVENTS

DELIVER = "webhook.deliver"
SECONDS = 5.0  # an integrator may take to answer
PAUSES = tuple(dt.timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 28800))  # after a try that failed
State = WebhookDelivery.State


def owe(*, event: EventRecord) -> int:
    """In the event's own transaction: one job for each webhook that wants it. Answers how many."""
    if event.name not in EVENTS:
        return 0
    wanting = [row for row in Webhook.objects.filter(is_active=True).only("id", "events") if _wants(row, event.name)]
    for row in wanting:
        _enqueue(row.id, event.id, 1, dt.timedelta())
    return len(wanting)


def _wants(row: Webhook, name: str) -> bool:
    return not row.events or name in row.events


def deliver(*, webhook_id: UUID, event_id: UUID, attempt: int, now: dt.datetime, mark: str = "") -> None:
    """One try. What failed is owed again later; after the last one it lies dead until somebody replays it."""
    webhook, clinic_id = Webhook.objects.filter(pk=webhook_id, is_active=True).first(), feed.here()
    with on_platform():
        event = feed.outward(clinic_id).filter(pk=event_id).first() if webhook else None
    if webhook is None or event is None:
        return
    status = _post(webhook, event, now)
    with transaction.atomic():
        row = _row(webhook, event_id, now)
        row.attempts, row.status, row.at = row.attempts + 1, status, now
        if status is not None and 200 <= status < 300:
            row.state = State.DELIVERED
            _note_success(webhook)
        elif attempt <= len(PAUSES):
            row.state = State.QUEUED
            _enqueue(webhook.id, event_id, attempt + 1, PAUSES[attempt - 1], mark)
        else:
            row.state = State.DEAD
            _note_death(webhook, event_id, now)
        row.save()


def again(*, webhook_id: UUID, event_id: UUID, mark: str) -> None:
    """Owe it anew with all its tries; `mark` makes the keys other than those of the first time."""
    _enqueue(webhook_id, event_id, 1, dt.timedelta(), mark)


def signature(secret: str, body: bytes, at: dt.datetime) -> str:
    seconds = int(at.timestamp())
    proof = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={proof}"


def _post(webhook: Webhook, event: EventRecord, now: dt.datetime) -> int | None:
    """The status of the answer; None where there was none, or the address may not be called (any more)."""
    body = orjson.dumps({**feed.shown(event), "clinic": str(event.clinic_id)})
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "healthcare-webhooks/1",
        "X-Webhook-ID": str(webhook.id),
        "X-Event-ID": str(event.id),
        "X-Signature": signature(str(webhook.secret), body, now),
    }
    try:
        return guarded.post(str(webhook.url), headers=headers, body=body, seconds=SECONDS).status
    except (Away, guarded.BadTarget):
        return None


def _row(webhook: Webhook, event_id: UUID, now: dt.datetime) -> WebhookDelivery:
    WebhookDelivery.objects.bulk_create([WebhookDelivery(webhook=webhook, event_id=event_id, at=now)], ignore_conflicts=True)
    return WebhookDelivery.objects.select_for_update().get(webhook=webhook, event_id=event_id)


def _note_success(webhook: Webhook) -> None:
    if webhook.failing_since is not None:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)


def _note_death(webhook: Webhook, event_id: UUID, now: dt.datetime) -> None:
    """The first death since it last answered is told; the others of this silence are not."""
    news = Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=now)
    if news:
        publish(WebhookStopped(webhook_id=webhook.id, event_id=event_id))


def _enqueue(webhook_id: UUID, event_id: UUID, attempt: int, after: dt.timedelta, mark: str = "") -> None:
    args: dict[str, Any] = {"webhook_id": webhook_id, "event_id": event_id, "attempt": attempt, "mark": mark}
    enqueue(DELIVER, key=f"{DELIVER}:{webhook_id}:{event_id}:{mark}{attempt}", after=after, **args)
