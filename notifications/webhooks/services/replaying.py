"""How does an integrator get again what they missed? Everything since an instant, or only what lies dead."""

import datetime as dt
from uuid import UUID

from healthcare.core.ids import first_id_at
from healthcare.core.tenancy import on_platform
from notifications.webhooks import feed
from notifications.webhooks.models import Webhook, WebhookDelivery
from notifications.webhooks.services.delivering import again

MOST = 1000  # events a replay


def replay(*, webhook: Webhook, since: dt.datetime | None, now: dt.datetime) -> int:
    """Owe the deliveries anew, with all their tries: since an instant, or of what lies dead. Answers how many; ask again for
    more."""
    ids = _since(since) if since else _dead(webhook)
    mark = f"r{int(now.timestamp() * 1000):x}."
    for event_id in ids:
        again(webhook_id=webhook.id, event_id=event_id, mark=mark)
    return len(ids)


def _since(since: dt.datetime) -> list[UUID]:
    clinic_id = feed.here()
    with on_platform():
        rows = feed.outward(clinic_id).filter(id__gte=first_id_at(since))
        return list(rows.order_by("id").values_list("id", flat=True)[:MOST])


def _dead(webhook: Webhook) -> list[UUID]:
    rows = WebhookDelivery.objects.filter(webhook=webhook, state=WebhookDelivery.State.DEAD)
    return list(rows.order_by("event_id").values_list("event_id", flat=True)[:MOST])
