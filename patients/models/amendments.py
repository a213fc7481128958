"""What does a patient want corrected? A request, and what the clinic answered (45 CFR 164.526)."""

from django.db import models
from django.db.models import Q

from healthcare.core.fields import SealedText
from patients.models.rows import ChartRow


class Amendment(ChartRow):
    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"
        DENIED = "denied"

    section = models.CharField(max_length=30, blank=True)  # what it is about, where one entry is meant
    row_id = models.UUIDField(null=True, blank=True)
    text = SealedText(label="amendment.text")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    answer = SealedText(label="amendment.answer", blank=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | (~Q(state="asked") & Q(decided_at__isnull=False)),
                name="amendment_decided_or_asked",
            )
        ]
        indexes = [models.Index(fields=["patient", "-id"], name="amendment_by_patient")]
