"""Who acts for whom? A person with an account who may see a dependant's chart and book for them, until a day."""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from healthcare.core.fields import SealedDate, warm
from patients.models.rows import ChartRow, ChartRows


class Guardianships(ChartRows):
    def standing(self) -> "Guardianships":
        """Those nobody ended; whether the day has come only the opened `ends_on` tells (see `lasts`)."""
        return self.filter(withdrawn_at=None, ended_at=None)

    def dependants_of(self, user_id: UUID) -> list[UUID]:
        """The charts the person acts for today."""
        rows = list(self.standing().filter(guardian=user_id))
        warm(rows)
        return [row.patient_id for row in rows if row.lasts(timezone.localdate())]


class Guardianship(ChartRow):
    """`ends_on` is sealed: the day a child comes of age tells its birthday. It is the first day that no longer counts."""

    class Basis(models.TextChoices):
        PARENT = "parent"
        COURT = "court"
        ATTORNEY = "power_of_attorney"
        CONSENT = "consent"  # the patient's own: falls with the consent `family`

    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=20, choices=Basis.choices)
    ends_on = SealedDate(label="guardianship.ends_on", null=True, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    objects = Guardianships.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "guardian"], condition=Q(ended_at=None, withdrawn_at=None), name="guardianship_once"
            )
        ]
        indexes = [models.Index(fields=["guardian"], name="guardianship_by_guardian", condition=Q(ended_at=None))]

    def lasts(self, day: dt.date) -> bool:
        return self.ends_on is None or day < self.ends_on
