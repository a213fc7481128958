"""Which files belong to a chart? Here is what they are; their sealed content lies in the clinic's folder on disk."""

from django.db import models
from django.db.models import Q

from healthcare.core.fields import BlindIndex, SealedText
from patients.models.rows import ChartRow
from patients.models.visits import Visit


class Document(ChartRow):
    class Kind(models.TextChoices):
        REPORT = "report"
        IMAGE = "image"
        REFERRAL = "referral"
        CONSENT = "consent"
        IDENTITY = "identity"
        OTHER = "other"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = SealedText(label="document.title")
    file_name = SealedText(label="document.file_name")
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()  # bytes
    sha256 = SealedText(label="document.sha256")  # of the content: sealed, as it would tell equal files
    sha256_index = BlindIndex(source="sha256", label="document.sha256")
    sealed_for = models.UUIDField(null=True)  # the chart whose key the file is sealed under; a merge does not change it
    is_sensitive = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="document_not_empty"),
            models.UniqueConstraint(fields=["patient", "sha256_index"], condition=Q(withdrawn_at=None), name="document_once"),
        ]
        indexes = [models.Index(fields=["patient", "-id"], name="document_by_patient")]
