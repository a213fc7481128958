"""How is an integrator's address registered, changed and taken away? The secret is shown once; it can be renewed."""

import secrets
from typing import Any, NamedTuple

from django.db import transaction

from healthcare.core import guarded
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from notifications.webhooks.events import WebhookChanged
from notifications.webhooks.models import Webhook

MOST = 20  # a clinic


class TooManyWebhooks(Refused):
    code = "too_many_webhooks"
    detail = f"A clinic has at most {MOST} webhooks."


class Registered(NamedTuple):
    webhook: Webhook
    secret: str


def register(*, url: str, events: list[str]) -> Registered:
    """Raises BadTarget for an address inside, TooManyWebhooks."""
    host = _checked(url)
    with transaction.atomic():
        if Webhook.objects.count() >= MOST:
            raise TooManyWebhooks
        row = Webhook(host=host, url=url, secret=new_secret(), events=events)
        row.save(force_insert=True)
        publish(WebhookChanged(webhook_id=row.id))
    return Registered(row, str(row.secret))


def change(*, webhook: Webhook, version: int | None = None, **changes: Any) -> Webhook:
    """Its address, events, or whether it is active. Raises BadTarget, NotFound, StaleWrite."""
    host = _checked(changes["url"]) if "url" in changes else None
    with transaction.atomic():
        row = _locked(webhook)
        for name, value in changes.items():
            setattr(row, name, value)
        row.host = host or row.host
        row.save()
        publish(WebhookChanged(webhook_id=row.id))
    return row


def renew_secret(*, webhook: Webhook) -> Registered:
    """From now on everything is signed with the new one."""
    with transaction.atomic():
        row = _locked(webhook)
        row.secret = new_secret()
        row.save()
        publish(WebhookChanged(webhook_id=row.id))
    return Registered(row, str(row.secret))


def remove(*, webhook: Webhook) -> None:
    with transaction.atomic():
        row = _locked(webhook)
        publish(WebhookChanged(webhook_id=row.id))
        row.delete()


def new_secret() -> str:
    return "whsec_" + secrets.token_urlsafe(32)


def _checked(url: str) -> str:
    """The host; a name that leads inside now is refused at once, one that does later when it is called."""
    guarded.resolve_if_there(url)
    return guarded.check(url).hostname or ""


def _locked(webhook: Webhook) -> Webhook:
    row = Webhook.objects.select_for_update().filter(pk=webhook.pk).first()
    if row is None:
        raise NotFound
    return row
