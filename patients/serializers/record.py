"""What does the desk send about a patient, and what does it see?"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.fields import FieldsByRole
from accounts.serializers import BirthDateField, PhoneField
from healthcare.core.shapes import LanguageField, Strict, Text
from patients import names, numbers
from patients.models import Patient


class PatientKnownInput(Strict):
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    date_of_birth = BirthDateField(required=False, allow_null=True)
    sex = serializers.ChoiceField(choices=Patient.Sex.choices, required=False)
    phone = PhoneField(required=False, allow_null=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    language = LanguageField(required=False)


class PatientChangeInput(PatientKnownInput):
    """`change_reason` is kept with what the chart said before."""

    change_reason = Text(max_length=500, required=False, allow_blank=True)


class PatientInput(PatientKnownInput):
    """`not_a_duplicate` says why it is another person than the candidates of a 409 `likely_duplicate`."""

    first_name = Text(max_length=100)
    not_a_duplicate = Text(max_length=500, required=False)


@extend_schema_field({"type": "string", "format": "name-search", "maxLength": 200, "example": "asha ra"})
class NameField(Text):
    """Words of a name, or how they begin, in any script and order."""

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        if not names.typed(text):
            raise serializers.ValidationError("A name has at least one letter.", code="name")
        return text


@extend_schema_field({"type": "string", "format": "number", "maxLength": 64, "example": "91-1234-5678-9012"})
class NumberField(Text):
    """An identifier as people write it; spaces and dashes do not count."""

    def to_internal_value(self, data: Any) -> str:
        number = numbers.plain(str(super().to_internal_value(data)))
        if not number:
            raise serializers.ValidationError("A number has at least one letter or digit.", code="number")
        return number


class PatientSearchInput(Strict):
    """One of name, mrn, phone, email, identifier; with a name, the date of birth may be added."""

    also = {
        "oneOf": [{"required": [name]} for name in ("name", "mrn", "phone", "email", "identifier")],
        "not": {"required": ["date_of_birth"], "anyOf": [{"required": [n]} for n in ("mrn", "phone", "email", "identifier")]},
    }

    name = NameField(required=False)
    date_of_birth = BirthDateField(required=False)
    mrn = Text(max_length=20, required=False)
    phone = PhoneField(required=False)
    email = serializers.EmailField(max_length=200, required=False)
    identifier = NumberField(max_length=64, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() - {"date_of_birth"}) != 1 or ("date_of_birth" in attrs and "name" not in attrs):
            raise serializers.ValidationError("Give one of name, mrn, phone, email, identifier.", code="one_criterion")
        return attrs


class PatientOutput(FieldsByRole, serializers.ModelSerializer[Patient]):
    shape = "patient"
    id = serializers.UUIDField(read_only=True)
    merged_into = serializers.UUIDField(source="merged_into_id", allow_null=True, read_only=True)
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
            "merged_into",
            "erased_at",
        )
        read_only_fields = ("mrn", "created_at", "version", "erased_at")
