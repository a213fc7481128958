"""Who outside is told what happens in this clinic, and did it arrive?"""

from django.db import models
from django.db.models import Q

from accounts.membership import Member
from healthcare.core.crypto import Scope, clinic_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, member: Member, permission: str) -> "WebhookQuerySet":
        return self if member.may(permission) else self.none()


class Webhook(ClinicRow, Versioned):
    """An integrator's address and the secret that both know. The address may hold a token of theirs, so it is sealed too."""

    host = models.CharField(max_length=255)
    url = SealedText(label="webhook.url")
    secret = SealedText(label="webhook.secret")
    events: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # empty: all
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    def __str__(self) -> str:
        return self.host

    def seal_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)


class WebhookDelivery(ClinicRow):
    """One event on its way to one address. `status` is the HTTP status of the last answer, none where nobody answered."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DELIVERED = "delivered"
        DEAD = "dead"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="webhook_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=["queued", "delivered", "dead"]), name="webhook_delivery_state_known"),
        ]
        indexes = [models.Index(fields=["webhook", "state"], name="webhook_delivery_by_state")]

    def __str__(self) -> str:
        return str(self.pk)
