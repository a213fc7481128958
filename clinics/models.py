"""Which clinics are there, where, and how do they work? The public directory: never a person's data."""

import re
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from healthcare.core.ids import as_id
from healthcare.core.tenancy import DomainMixin, Row, TenantMixin
from healthcare.core.versions import Versioned

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z")


def is_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("not an IANA time zone", code="zone")


class ClinicQuerySet(models.QuerySet["Clinic"]):
    def serving(self) -> "ClinicQuerySet":
        return self.filter(state=Clinic.State.OPEN)

    def kept(self) -> "ClinicQuerySet":
        """Whose data are here: open, or closed and not ended."""
        return self.exclude(state=Clinic.State.OPENING).exclude(pk__in=Tombstone.objects.values("clinic"))

    def listed(self) -> "ClinicQuerySet":
        """What the public directory shows."""
        return self.serving().order_by("name", "id")

    def named(self, name: str) -> "ClinicQuerySet":
        """By id or slug; nothing for anything else."""
        if (clinic_id := as_id(name)) is not None:
            return self.filter(pk=clinic_id)
        return self.filter(slug=name.lower()) if SLUG.match(name.lower()) else self.none()


class Clinic(TenantMixin, Row, Versioned):  # type: ignore[misc]
    """One clinic and its schema. `schema_name` is also the name of its PostgreSQL role."""

    class State(models.TextChoices):
        OPENING = "opening"
        OPEN = "open"
        CLOSED = "closed"

    auto_create_schema = False
    auto_drop_schema = False

    slug = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPENING)
    domain = models.CharField(max_length=30, default="healthcare")  # the auth plugin its people sign in by
    zone = models.CharField(max_length=60, default="UTC", validators=[is_zone])
    currency = models.CharField(max_length=3, default="USD")
    language = models.CharField(max_length=10, default="en")
    languages: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    address = models.CharField(max_length=300, blank=True)
    specialities: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    # the rest of its settings, as `clinics.settings_of` reads them; every change is a row of SettingsVersion
    terms: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, db_default={})
    settings_version = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), name="clinic_slug_plain"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="clinic_currency_iso4217"),
        ]
        indexes = [models.Index(fields=["name", "id"], name="clinic_directory", condition=Q(state="open"))]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.schema_name = self.schema_name or f"clinic_{self.id.hex}"
        super(TenantMixin, self).save(*args, **kwargs)  # past django-tenants' save, which makes schemas by migrating


class Domain(DomainMixin):  # type: ignore[misc]
    """A host name of a clinic's own."""


class SettingsVersion(Row):
    """The settings of a clinic as they were from `at` on; a change adds a row, none is ever changed."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="settings_versions")
    number = models.PositiveIntegerField()
    document: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="settings_version_number_once")]

    def __str__(self) -> str:
        return f"{self.clinic_id} {self.number}"


class Location(Row, Versioned):
    """A place where a clinic sees people. Hours are `[{weekday 0-6, opens "HH:MM", closes "HH:MM"}]`, wall clock of `zone`."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=80, blank=True, default="", db_default="")
    zone = models.CharField(max_length=60, validators=[is_zone])
    # empty: the clinic's opening hours; where it states none either, always
    hours: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "name"], name="location_name_once")]

    def __str__(self) -> str:
        return self.name


class Tombstone(Row):
    """A clinic that ends: where its audit trail went, and (once all is gone) when. Its row in the directory stays, closed."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, related_name="tombstone")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)
    audit_file = models.CharField(max_length=255)
    audit_sha256 = models.CharField(max_length=64)
    audit_rows = models.PositiveIntegerField()
    keys_destroyed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(audit_sha256__regex=r"^[0-9a-f]{64}$"), name="tombstone_audit_hash_is_one")
        ]

    def __str__(self) -> str:
        return str(self.clinic_id)
