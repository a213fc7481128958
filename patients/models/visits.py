"""What happened when the person was seen? Visits and the vital signs taken."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from healthcare.core.fields import SealedText
from patients.models.rows import ChartRow


class Visit(ChartRow):
    """An encounter. The appointment it belongs to, if any, is named by id: appointments stand above charts."""

    appointment_id = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    complaint = SealedText(label="visit.complaint", blank=True)
    findings = SealedText(label="visit.findings", blank=True)
    assessment = SealedText(label="visit.assessment", blank=True)
    plan = SealedText(label="visit.plan", blank=True)
    is_sensitive = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment_id"], condition=Q(withdrawn_at=None), name="visit_appointment_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="visit_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-started_at"], name="visit_by_patient")]


class Vital(ChartRow):
    """One measured sign: what (`patients/vitals.py`) is plain, how much is sealed. Kept in the sign's own UCUM unit."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="vitals")
    sign = models.CharField(max_length=30)
    value = SealedText(label="vital.value")  # a decimal number
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["patient", "sign", "-taken_at"], name="vital_by_patient")]
