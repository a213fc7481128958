"""Which charts turned out to be one person's? A merge, what it moved, and whether it was undone."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from patients.models.chart import Patient


class Merge(ClinicRow):
    source = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    reason = SealedText(label="merge.reason")
    moved: "models.JSONField[dict[str, list[str]], dict[str, list[str]]]" = models.JSONField(default=dict)  # {section: [ids]}
    account_moved = models.BooleanField(default=False)
    by = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="merge_source_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_of_two"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.target_id)
