"""What are people told about their account, and operators about the installation? A ledger in public."""

from uuid import UUID

from django.conf import settings
from django.db import models

from healthcare.core.crypto import PLATFORM, Scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import Row
from notifications.ledger import Entry, EntryState, Turn, TurnState, known


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of_person(self, user_id: UUID) -> "NoticeQuerySet":
        return self.filter(user_id=user_id)

    def for_page(self) -> "NoticeQuerySet":
        return self.prefetch_related("deliveries")


class Notice(Row, Entry):
    """Security notices and alerts: of no clinic, so they come whichever clinic the person is in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=known(EntryState), name="notice_state_known")]
        indexes = [models.Index(fields=["user", "-id"], name="notice_by_user")]

    def __str__(self) -> str:
        return str(self.pk)


class NoticeDelivery(Row, Turn):
    notification = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="notice_delivery_once_a_channel"),
            models.CheckConstraint(condition=known(TurnState), name="notice_delivery_state_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PushDevice(Row):
    """A browser that takes web push for a person: where its push service is, and the keys only that browser can open.

    Who knows the endpoint may write to it, so it is sealed; `digest` finds it again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(unique=True)
    endpoint = SealedText(label="push_device.endpoint")
    public_key = SealedText(label="push_device.public_key")
    secret = SealedText(label="push_device.secret")
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="push_device_by_user")]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return PLATFORM
