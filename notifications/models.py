"""Who was told what, and by which ways did it go out? A ledger of ids: words and addresses are found when they are needed."""

from typing import Any

from django.db import models
from django.db.models import Q, Subquery
from django.db.models.fields.json import KeyTextTransform

from accounts.membership import Member
from healthcare.core.tenancy import ClinicRow
from patients.models import Patient

APPOINTMENT = KeyTextTransform("appointment", "subject_ids")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, member: Member, permission: str) -> "NotificationQuerySet":
        """One's own, whatever the role: a ledger is read by the person it speaks to."""
        if not member.may(permission):
            return self.none()
        chart = Patient.objects.filter(user=member.user_id).values("id")[:1]
        return self.filter(Q(patient_id=Subquery(chart)) | Q(user_id=member.user_id))

    def for_page(self) -> "NotificationQuerySet":
        return self.prefetch_related("deliveries")

    def about_appointments(self, ids: Any) -> "NotificationQuerySet":
        return self.alias(about=APPOINTMENT).filter(about__in=[str(i) for i in ids])


class Notification(ClinicRow):
    """Something one person is told: a patient through the chart, anybody else through the account.

    `subject_ids` names what it is about (`{"appointment": id}`); `appointment_version` is the one it was true of.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        UNREACHED = "unreached"
        STALE = "stale"  # something newer was told instead

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="notifications")
    user_id = models.UUIDField(null=True)
    message = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    subject_ids: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    appointment_version = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False, user_id__isnull=True) | Q(patient__isnull=True, user_id__isnull=False),
                name="notification_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "unreached", "stale"]), name="notification_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-id"], name="notification_by_patient"),
            models.Index(fields=["user_id", "-id"], name="notification_by_user", condition=Q(user_id__isnull=False)),
            models.Index(APPOINTMENT, name="notification_by_appointment"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def appointment_id(self) -> str | None:
        return self.subject_ids.get("appointment")


class Delivery(ClinicRow):
    """One notification on one channel. The address is not kept; `error` is a code, never a text."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        SKIPPED = "skipped"

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    provider_id = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once_a_channel"),
            models.CheckConstraint(condition=Q(state__in=["queued", "sent", "failed", "skipped"]), name="delivery_state_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def key(self) -> str:
        """What the job and the provider know it by."""
        return f"{self.notification_id}:{self.channel}"
