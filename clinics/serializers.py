"""What is said of a clinic and its places, by whom?"""

from typing import Any

from rest_framework import serializers

from clinics.fields import HoursField, PointMixin, ZoneField
from clinics.models import Clinic, Location
from healthcare.core.shapes import LanguageField, Query, Strict, Text


class ClinicChangeInput(Strict):
    name = Text(max_length=120, required=False)
    zone = ZoneField(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217")
    language = LanguageField(required=False)
    address = Text(max_length=300, required=False, allow_blank=True)
    specialities = serializers.ListField(child=Text(max_length=60), max_length=50, required=False)


class ClinicReplaceInput(ClinicChangeInput):
    """Every member, so that nothing is reset by being forgotten."""

    def get_fields(self) -> dict[str, Any]:
        return _all_required(super().get_fields())


class ClinicInput(ClinicChangeInput):
    slug = serializers.RegexField(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z", max_length=50)
    name = Text(max_length=120)


class LocationChangeInput(PointMixin, Strict):
    name = Text(max_length=120, required=False)
    address = Text(max_length=300, required=False, allow_blank=True)
    city = Text(max_length=80, required=False, allow_blank=True)
    zone = ZoneField(required=False)
    hours = HoursField(required=False)
    latitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-90, max_value=90, required=False, allow_null=True
    )
    longitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-180, max_value=180, required=False, allow_null=True
    )


class LocationInput(LocationChangeInput):
    name = Text(max_length=120)


class LocationReplaceInput(LocationChangeInput):
    """Every member, so that nothing is reset by being forgotten."""

    def get_fields(self) -> dict[str, Any]:
        return _all_required(super().get_fields())


class LocationOutput(serializers.ModelSerializer[Location]):
    id = serializers.UUIDField(read_only=True)
    hours = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Location
        fields = ("id", "name", "address", "city", "zone", "hours", "latitude", "longitude", "is_active", "version")


class ClinicOutput(serializers.ModelSerializer[Clinic]):
    """The directory entry: never a person's data."""

    id = serializers.UUIDField(read_only=True)
    specialities = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Clinic
        fields = ("id", "slug", "name", "state", "zone", "currency", "language", "address", "specialities", "version")


class DirectoryQuery(PointMixin, Query):
    name = serializers.CharField(max_length=120, required=False, help_text="Beginning of the name.")
    speciality = serializers.CharField(max_length=60, required=False, help_text="Exact, but for upper and lower case.")
    city = serializers.CharField(max_length=80, required=False, help_text="Of a location; but for upper and lower case.")
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False)
    within_km = serializers.FloatField(min_value=0.1, max_value=500, default=25, help_text="Around latitude and longitude.")
    state = serializers.ChoiceField(
        choices=["open", "opening", "closed"], default="open", help_text="Others than open: for the platform's staff."
    )


def _all_required(fields: dict[str, Any]) -> dict[str, Any]:
    for field in fields.values():
        field.required = True
    return fields
