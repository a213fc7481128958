"""Where do a patient and a practitioner meet by video, and what went wrong there?"""

from django.db import models
from django.db.models import Q

from appointments.models import Appointment
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class VideoRoom(ClinicRow, Versioned):
    """One an appointment. Its name says nothing and is told to nobody but in a token."""

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="video_room")
    name = models.CharField(max_length=40)
    asked_at = models.DateTimeField(null=True)  # the patient is in the waiting room since
    admitted_at = models.DateTimeField(null=True)
    admitted_by = models.UUIDField(null=True)
    host_joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="video_room_name_once"),
            models.CheckConstraint(
                condition=Q(admitted_at=None) | Q(asked_at__isnull=False), name="video_room_admits_who_asked"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def status(self) -> str:
        """closed (nobody came yet) · waiting (the patient asks) · open (the practitioner is there) · admitted · ended"""
        if self.ended_at is not None:
            return "ended"
        if self.admitted_at is not None:
            return "admitted"
        if self.asked_at is not None:
            return "waiting"
        return "open" if self.host_joined_at is not None else "closed"


STATUSES = ("closed", "open", "waiting", "admitted", "ended")


class VideoIssue(ClinicRow):
    """What somebody says went wrong. In words of their own, so sealed under the patient's key."""

    class What(models.TextChoices):
        SOUND = "sound"
        PICTURE = "picture"
        CONNECTION = "connection"
        CANNOT_JOIN = "cannot_join"
        OTHER = "other"

    room = models.ForeignKey(VideoRoom, on_delete=models.PROTECT, related_name="issues")
    what = models.CharField(max_length=12, choices=What.choices)
    words = SealedText(label="video_issue.words", blank=True)
    reported_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["room", "id"], name="video_issue_by_room")]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.room.appointment.patient_id)
