"""What happened to webhooks? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class WebhookChanged(Event):
    webhook_id: UUID


@dataclass(frozen=True)
class WebhookStopped(Event):
    """Every try to deliver an event failed."""

    webhook_id: UUID
    event_id: UUID
