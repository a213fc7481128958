"""What do all entries of a chart share? Whose chart, who entered it when, and that they are never lost, only set aside."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from healthcare.core.crypto import Scope, clinic_scope, patient_scope
from healthcare.core.fields import SealedJSON, SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned
from patients.models.chart import Patient


class ChartRows(models.QuerySet[Any]):
    def of(self, patient: Patient) -> Self:
        """The chart's entries that stand (were not set aside as entered in error)."""
        return self.filter(patient=patient, withdrawn_at=None)


class ChartRow(ClinicRow, Versioned):
    """One entry of a chart, sealed under the patient's key. What was once written is kept in `FormerVersion`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)  # entered in error

    objects = ChartRows.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)

    def index_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)


class FormerVersion(ClinicRow):
    """What an entry (or the chart's own record) said before it was changed, and why it was. Written once, never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=30)
    row_id = models.UUIDField()
    number = models.PositiveIntegerField()  # the version these values were
    said = SealedJSON(label="former_version.said")
    reason = SealedText(label="former_version.reason", blank=True)
    replaced_by = models.UUIDField(null=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row_id", "number"], name="former_version_once")]
        indexes = [models.Index(fields=["patient", "-id"], name="former_version_by_patient")]

    def __str__(self) -> str:
        return str(self.row_id)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)
