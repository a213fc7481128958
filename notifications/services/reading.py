"""How does a person note that they have read something?"""

import datetime as dt

from django.db import transaction

from healthcare.core.errors import NotFound
from healthcare.core.events import publish
from notifications.events import NotificationRead
from notifications.models import Notification


def mark_read(*, notification: Notification, now: dt.datetime) -> Notification:
    """The first reading counts; a second changes nothing. Raises NotFound when it is gone."""
    with transaction.atomic():
        locked = Notification.objects.select_for_update().for_page().filter(pk=notification.pk).first()
        if locked is None:
            raise NotFound
        if locked.read_at is None:
            locked.read_at = now
            locked.save(update_fields=["read_at"])
            publish(NotificationRead(notification_id=locked.id))
    return locked
