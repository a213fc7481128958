"""By which numbers is the person known elsewhere? National, ABHA and other identifiers, each once in a clinic."""

from django.db import models
from django.db.models import Q

from healthcare.core.fields import BlindIndex, SealedText
from patients import numbers
from patients.models.rows import ChartRow


class Identifier(ChartRow):
    class Kind(models.TextChoices):
        ABHA = "abha"  # Ayushman Bharat Health Account number
        AADHAAR = "aadhaar"
        NHS = "nhs"
        PASSPORT = "passport"
        NATIONAL = "national"
        OTHER = "other"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2, of national numbers and passports
    value = SealedText(label="identifier.value")
    value_index = BlindIndex(source="value", label="identifier.value", normalise="plain_number")

    plain_number = staticmethod(numbers.plain)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "country", "value_index"], condition=Q(withdrawn_at=None), name="identifier_once"
            )
        ]
        indexes = [
            models.Index(fields=["value_index"], name="identifier_by_value"),
        ]
