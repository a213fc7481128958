"""Who was told what, and by which ways did it go out? A ledger of ids: words and addresses are found when they are needed."""

from typing import Any

from django.db import models
from django.db.models import Q, Subquery
from django.db.models.fields.json import KeyTextTransform

from accounts.membership import Member
from healthcare.core.tenancy import ClinicRow
from healthcare.core.versions import Versioned
from notifications.ledger import Entry, EntryState, Turn, TurnState, known
from patients.models import Patient

APPOINTMENT = KeyTextTransform("appointment", "subject_ids")
ONE_RECIPIENT = Q(patient__isnull=False, user_id__isnull=True) | Q(patient__isnull=True, user_id__isnull=False)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, member: Member, permission: str) -> "NotificationQuerySet":
        """One's own, whatever the role: a ledger is read by the person it speaks to."""
        if not member.may(permission):
            return self.none()
        return self.of_person(member.user_id)

    def of_person(self, user_id: Any) -> "NotificationQuerySet":
        chart = Patient.objects.filter(user=user_id).values("id")[:1]
        return self.filter(Q(patient_id=Subquery(chart)) | Q(user_id=user_id))

    def for_page(self) -> "NotificationQuerySet":
        return self.prefetch_related("deliveries")

    def about_appointments(self, ids: Any) -> "NotificationQuerySet":
        return self.alias(about=APPOINTMENT).filter(about__in=[str(i) for i in ids])


class Notification(ClinicRow, Entry):
    """Told in a clinic: a patient through the chart, anybody else through the account.

    `appointment_version` is the one it was true of; `inbox_seq` its number in the person's own room, for who has an account.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="notifications")
    user_id = models.UUIDField(null=True)
    inbox_seq = models.PositiveBigIntegerField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_RECIPIENT, name="notification_one_recipient"),
            models.CheckConstraint(condition=known(EntryState), name="notification_state_known"),
        ]
        indexes = [
            models.Index(fields=["patient", "-id"], name="notification_by_patient"),
            models.Index(fields=["user_id", "-id"], name="notification_by_user", condition=Q(user_id__isnull=False)),
            models.Index(APPOINTMENT, name="notification_by_appointment"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Delivery(ClinicRow, Turn):
    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="deliveries")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once_a_channel"),
            models.CheckConstraint(condition=known(TurnState), name="delivery_state_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Inbox(ClinicRow):
    """The last number given out in a person's room; taken under this row's lock, so there is no gap."""

    user_id = models.UUIDField()
    seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id"], name="inbox_user_once")]

    def __str__(self) -> str:
        return str(self.user_id)


class Preference(ClinicRow, Versioned):
    """How one person wants to be told in this clinic. Empty channels: the message's own order, the learned one first.

    Quiet hours are on the wall clock of the person's zone, over midnight if they end before they begin. `learned_…` come from
    the ledger: what reached the person best, and at which hour they read.
    """

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, null=True, related_name="preference")
    user_id = models.UUIDField(null=True)
    channels: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    declined: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    learned_channel = models.CharField(max_length=20, blank=True)
    learned_hour = models.PositiveSmallIntegerField(null=True)
    learned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_RECIPIENT, name="preference_one_recipient"),
            models.UniqueConstraint(fields=["user_id"], name="preference_user_once"),
            models.CheckConstraint(condition=Q(learned_hour=None) | Q(learned_hour__lte=23), name="preference_hour_of_a_day"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="preference_quiet_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
