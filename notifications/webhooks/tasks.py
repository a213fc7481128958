"""Which work on webhooks is done by jobs? One try to deliver one event."""

from uuid import UUID

from django.utils import timezone

from healthcare.core.jobs import job
from healthcare.core.models import Priority
from notifications.webhooks.services import delivering


@job(delivering.DELIVER, queue="notification", priority=Priority.LOW, codes=("mark",))
def deliver(*, webhook_id: str, event_id: str, attempt: int, mark: str) -> None:
    ids = {"webhook_id": UUID(webhook_id), "event_id": UUID(event_id)}
    delivering.deliver(**ids, attempt=attempt, mark=mark, now=timezone.now())
