"""Which work on messages is done by jobs? Choosing a channel, and sending on each."""

from uuid import UUID

from django.utils import timezone

from healthcare.core.jobs import job
from notifications.messages import CHANNELS
from notifications.services import sending, telling


@job(telling.SEND, queue="notification")
def choose_channel(*, notification_id: str) -> None:
    telling.choose_channel(notification_id=UUID(notification_id), now=timezone.now())


def send(*, delivery_id: str) -> None:
    sending.send(delivery_id=UUID(delivery_id), now=timezone.now())


def note_failure(*, delivery_id: str, error: Exception, last: bool) -> None:
    sending.note_failure(delivery_id=UUID(delivery_id), error=error, last=last, now=timezone.now())


for _channel in CHANNELS:
    job(_channel.job, queue=_channel.queue, failed=note_failure)(send)
