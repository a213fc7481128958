"""What does the desk send about a patient, and what does it see?"""

import datetime as dt
from typing import Any

from rest_framework import serializers

from accounts.serializers import PhoneField
from healthcare.core.shapes import Strict, Text
from patients.models import Patient


class PatientChangeInput(Strict):
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True)
    sex = serializers.ChoiceField(choices=Patient.Sex.choices, required=False)
    phone = PhoneField(required=False, allow_null=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=10, required=False)

    def validate_date_of_birth(self, value: dt.date | None) -> dt.date | None:
        if value is not None and not dt.date(1900, 1, 1) <= value <= dt.datetime.now(dt.UTC).date():
            raise serializers.ValidationError("Between 1900 and today.", code="date_of_birth")
        return value


class PatientInput(PatientChangeInput):
    first_name = Text(max_length=100)


class PatientSearchInput(Strict):
    """Exactly one of the three."""

    mrn = Text(max_length=20, required=False)
    phone = PhoneField(required=False)
    email = serializers.EmailField(max_length=200, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of mrn, phone, email.", code="one_criterion")
        return attrs


class PatientOutput(serializers.ModelSerializer[Patient]):
    id = serializers.UUIDField(read_only=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    date_of_birth = serializers.DateField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)

    class Meta:
        model = Patient
        fields = (
            "id",
            "mrn",
            "first_name",
            "last_name",
            "date_of_birth",
            "sex",
            "phone",
            "email",
            "language",
            "version",
            "created_at",
        )
        read_only_fields = ("mrn", "created_at", "version")
