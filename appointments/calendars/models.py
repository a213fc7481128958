"""Whose calendar outside follows their appointments? Private feeds that a calendar reads, and calendars that we write to."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from appointments.models import Appointment, Practitioner
from healthcare.core.crypto import Scope, clinic_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class FeedQuerySet(models.QuerySet["CalendarFeed"]):
    def of_person(self, user_id: UUID) -> "FeedQuerySet":
        return self.filter(user_id=user_id)


class CalendarFeed(ClinicRow):
    """An address that one person's calendar reads. Whoever has it reads it, so it says little, and only its digest is kept."""

    user_id = models.UUIDField()
    name = models.CharField(max_length=60, blank=True)  # the person's own word for where they use it
    digest = models.BinaryField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user_id", "id"], name="calendar_feed_by_person")]

    def __str__(self) -> str:
        return str(self.pk)


class CalendarTarget(ClinicRow, Versioned):
    """A practitioner's own calendar elsewhere (CalDAV collection), which their appointments here are copied to."""

    practitioner = models.OneToOneField(Practitioner, on_delete=models.CASCADE, related_name="calendar_target")
    url = SealedText(label="calendar_target.url")
    username = SealedText(label="calendar_target.username", blank=True)
    password = SealedText(label="calendar_target.password", blank=True)
    is_active = models.BooleanField(default=True)
    pushed_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=40, blank=True)  # a code; empty: the last push went well
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fault="") ^ Q(failed_at__isnull=False), name="calendar_target_fault_has_instant")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)


class CalendarCopy(ClinicRow):
    """Which version of an appointment stands in which calendar."""

    target = models.ForeignKey(CalendarTarget, on_delete=models.CASCADE, related_name="copies")
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="calendar_copies")
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "appointment"], name="calendar_copy_once")]

    def __str__(self) -> str:
        return str(self.pk)
