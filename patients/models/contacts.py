"""Whom and where can the clinic reach? Further addresses of the person, and the people to call in an emergency."""

from django.db import models

from healthcare.core.fields import SealedText
from patients.models.rows import ChartRow


class Contact(ChartRow):
    class Relation(models.TextChoices):
        SELF = "self"
        SPOUSE = "spouse"
        PARENT = "parent"
        CHILD = "child"
        SIBLING = "sibling"
        FRIEND = "friend"
        CARER = "carer"
        OTHER = "other"

    relation = models.CharField(max_length=10, choices=Relation.choices)
    is_emergency = models.BooleanField(default=False)
    name = SealedText(label="contact.name", blank=True)
    phone = SealedText(label="contact.phone", null=True, blank=True)
    email = SealedText(label="contact.email", null=True, blank=True)
    address = SealedText(label="contact.address", blank=True)
