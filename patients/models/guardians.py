"""Who acts for whom? A person with an account who may see a dependant's chart and book for them, until a day."""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.membership import Member
from accounts.roles import Role
from healthcare.core.fields import SealedDate, warm
from patients.models.consents import Consent
from patients.models.rows import ChartRow, ChartRows


class Guardianships(ChartRows):
    def standing(self) -> "Guardianships":
        """Those nobody ended; whether the day has come only the opened `ends_on` tells (see `lasts`)."""
        return self.filter(withdrawn_at=None, ended_at=None)

    def dependants_of(self, user_id: UUID) -> list[UUID]:
        """The charts the person acts for today: by law, or while the patient's consent `family` stands."""
        rows = list(self.standing().filter(guardian=user_id))
        warm(rows)
        lasting = [row for row in rows if row.lasts(timezone.localdate())]
        asked = [row.patient_id for row in lasting if row.basis == Guardianship.Basis.CONSENT]
        agreed = Consent.objects.given("family", asked) if asked else set()
        return [r.patient_id for r in lasting if r.basis != Guardianship.Basis.CONSENT or r.patient_id in agreed]


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


def dependants_of(member: Member) -> list[UUID]:
    """The charts a member acts for; only who is here as a patient acts for patients."""
    return Guardianship.objects.dependants_of(member.user_id) if Role.PATIENT in member.roles else []
