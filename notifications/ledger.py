"""What is an entry in somebody's ledger, in a clinic or on the platform? Ids, states, and the ways it went out."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from healthcare.core.tenancy import clinic_or_none


class EntryState(models.TextChoices):
    QUEUED = "queued"
    SENT = "sent"
    UNREACHED = "unreached"
    STALE = "stale"  # something newer was told instead
    DECLINED = "declined"  # the person wants none of these


class TurnState(models.TextChoices):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"  # the provider says that it arrived
    FAILED = "failed"
    SKIPPED = "skipped"


class Entry(models.Model):
    """Something one person is told. `subject_ids` names what it is about (`{"appointment": id}`)."""

    State = EntryState

    message = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    subject_ids: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    appointment_version = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=EntryState.choices, default=EntryState.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def appointment_id(self) -> str | None:
        return self.subject_ids.get("appointment")

    @property
    def account_id(self) -> UUID | None:
        """The account of who is told, if they have one."""
        patient = getattr(self, "patient", None)
        found: UUID | None = patient.user_id if patient is not None else getattr(self, "user_id", None)
        return found


class Turn(models.Model):
    """One entry on one channel. The address is not kept; `error` is a code, never a text."""

    State = TurnState

    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=TurnState.choices, default=TurnState.QUEUED)
    provider_id = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """What the job and the provider know it by: clinic (nil on the platform), entry, channel."""
        clinic = clinic_or_none()
        return f"{(clinic.id if clinic else UUID(int=0)).hex}:{self.notification_id}:{self.channel}"  # type: ignore[attr-defined]


def known(states: type[models.TextChoices]) -> Any:
    return Q(state__in=[s.value for s in states])
