"""What did the person agree to? One row a decision; the latest for a purpose counts, none is ever changed."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from patients.models.chart import Patient
from patients.purposes import PURPOSES


class Consents(models.QuerySet["Consent"]):
    def latest(self, patient: Any) -> dict[str, "Consent"]:
        """By purpose, the decision that counts."""
        rows = self.filter(patient=patient).order_by("purpose", "-decided_at", "-id").distinct("purpose")
        return {row.purpose: row for row in rows}

    def given(self, purpose: str, patients: list[UUID]) -> set[UUID]:
        """Those of the patients whose latest decision for the purpose is yes."""
        rows = self.filter(patient__in=patients, purpose=purpose).order_by("patient", "-decided_at", "-id").distinct("patient")
        return {row.patient_id for row in rows if row.decision == Consent.Decision.GIVEN}


class Consent(ClinicRow):
    class Decision(models.TextChoices):
        GIVEN = "given"
        WITHDRAWN = "withdrawn"

    class Channel(models.TextChoices):
        ELECTRONIC = "electronic"
        WRITTEN = "written"
        SPOKEN = "spoken"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, choices=[(name, name) for name in PURPOSES])
    decision = models.CharField(max_length=10, choices=Decision.choices)
    wording = models.CharField(max_length=40)  # version of the text the person agreed to
    channel = models.CharField(max_length=10, choices=Channel.choices)
    remark = SealedText(label="consent.remark", blank=True)
    decided_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.UUIDField(null=True)

    objects = Consents.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(decision__in=["given", "withdrawn"]), name="consent_decision_known"),
        ]
        indexes = [models.Index(fields=["patient", "purpose", "-decided_at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.decision}"

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)
