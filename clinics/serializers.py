"""What is said of a clinic, by whom?"""

from typing import Any
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinics.models import Clinic, Location
from healthcare.core.shapes import LanguageField, Strict, Text


@extend_schema_field({"type": "string", "format": "iana-zone", "example": "Asia/Kolkata"})
class ZoneField(serializers.CharField):
    """An IANA time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value not in available_timezones():
            raise serializers.ValidationError("Not an IANA time zone.", code="zone")
        return str(value)


class ClinicChangeInput(Strict):
    name = Text(max_length=120, required=False)
    zone = ZoneField(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217")
    language = LanguageField(required=False)
    address = Text(max_length=300, required=False, allow_blank=True)
    specialities = serializers.ListField(child=Text(max_length=60), max_length=50, required=False)


class ClinicInput(ClinicChangeInput):
    slug = serializers.RegexField(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z", max_length=50)
    name = Text(max_length=120)


class LocationOutput(serializers.ModelSerializer[Location]):
    id = serializers.UUIDField(read_only=True)
    hours = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Location
        fields = ("id", "name", "address", "zone", "hours", "latitude", "longitude")


class ClinicOutput(serializers.ModelSerializer[Clinic]):
    """The directory entry: never a person's data."""

    id = serializers.UUIDField(read_only=True)
    specialities = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Clinic
        fields = ("id", "slug", "name", "state", "zone", "currency", "language", "address", "specialities", "version")
