"""Who opened which chart outside their rights, why, until when, and what did the review find?"""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.membership import Member
from accounts.roles import Reach
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from patients.models import Patient

REVIEW_WITHIN = dt.timedelta(hours=72)


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, member: Member, permission: str) -> "OpeningQuerySet":
        """All for who reviews; one's own for who opens."""
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                return self.filter(user=member.user_id)
        return self.none()

    def open_at(self, now: dt.datetime) -> "OpeningQuerySet":
        return self.filter(during__contains=now)

    def to_review(self) -> "OpeningQuerySet":
        return self.filter(reviewed_at=None)

    def overdue(self, now: dt.datetime) -> "OpeningQuerySet":
        return self.to_review().filter(during__startswith__lt=now - REVIEW_WITHIN)


class Opening(ClinicRow):
    """A chart opened for some minutes. It is reviewed by somebody else, whatever came of it."""

    class Finding(models.TextChoices):
        JUSTIFIED = "justified"
        UNJUSTIFIED = "unjustified"
        UNCLEAR = "unclear"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="openings")
    reason = SealedText(label="opening.reason")
    during = DateTimeRangeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    finding = models.CharField(max_length=12, choices=Finding.choices, blank=True)
    remark = SealedText(label="opening.remark", blank=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="opening_one_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("patient", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False), name="opening_ends"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, finding="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(finding=""),
                name="opening_review_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user_id")), name="opening_reviewed_by_another"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="opening_by_user"),
            models.Index(fields=["id"], condition=Q(reviewed_at=None), name="opening_to_review"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)

    @property
    def opened_at(self) -> dt.datetime:
        return self.during.lower  # type: ignore[no-any-return]

    @property
    def ends_at(self) -> dt.datetime:
        return self.during.upper  # type: ignore[no-any-return]

    def is_open(self, now: dt.datetime) -> bool:
        return self.opened_at <= now < self.ends_at

    def is_overdue(self, now: dt.datetime) -> bool:
        return self.reviewed_at is None and self.opened_at < now - REVIEW_WITHIN


def opened_to(user_id: UUID, now: dt.datetime) -> "OpeningQuerySet":
    """What a person has open now."""
    return Opening.objects.filter(user=user_id).open_at(now)
