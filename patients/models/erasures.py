"""Which charts are to be erased, may not be, or are gone? Asked by one, confirmed by another; a hold stops both."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from healthcare.core.crypto import Scope, clinic_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from patients.models.chart import Patient


class Erasure(ClinicRow):
    """Only ids, times and codes: it stays when the chart is gone."""

    class Basis(models.TextChoices):
        PATIENT_ASKED = "patient_asked"
        COURT = "court_order"
        NO_PURPOSE = "no_purpose_left"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=20, choices=Basis.choices)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    key_destroyed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient"], condition=Q(cancelled_at=None), name="erasure_once"),
            models.CheckConstraint(condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="erasure_four_eyes"),
            models.CheckConstraint(
                condition=Q(key_destroyed_at=None) | Q(confirmed_at__isnull=False), name="erasure_confirmed_first"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class LegalHold(ClinicRow):
    """Nothing of the chart may be erased until it is lifted. Its reason is the clinic's, sealed under the clinic's key."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    reason = SealedText(label="legal_hold.reason")
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["patient"], condition=Q(lifted_at=None), name="legal_hold_standing")]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)
