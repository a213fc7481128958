"""What does the desk send about a patient, and what does it see?"""

from typing import Any

from rest_framework import serializers

from accounts.fields import FieldsByRole
from accounts.serializers import BirthDateField, PhoneField
from healthcare.core.shapes import LanguageField, Strict, Text
from patients.models import Patient


class PatientChangeInput(Strict):
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    date_of_birth = BirthDateField(required=False, allow_null=True)
    sex = serializers.ChoiceField(choices=Patient.Sex.choices, required=False)
    phone = PhoneField(required=False, allow_null=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    language = LanguageField(required=False)


class PatientInput(PatientChangeInput):
    first_name = Text(max_length=100)


class PatientSearchInput(Strict):
    """Exactly one of the three."""

    also = {"minProperties": 1, "maxProperties": 1}

    mrn = Text(max_length=20, required=False)
    phone = PhoneField(required=False)
    email = serializers.EmailField(max_length=200, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of mrn, phone, email.", code="one_criterion")
        return attrs


class PatientOutput(FieldsByRole, serializers.ModelSerializer[Patient]):
    shape = "patient"
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
