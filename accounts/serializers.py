"""What do people send about themselves, and what do they see?"""

import datetime as dt
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as NotValid
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.identifiers import NotAnIdentifier, plain_phone
from accounts.models import User
from clinics.fields import ZoneField
from healthcare.core.shapes import LanguageField, Strict, Text


@extend_schema_field({"type": "string", "format": "phone", "maxLength": 40, "example": "+919812345678"})
class PhoneField(serializers.CharField):
    """An international phone number; kept as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            if len(text) > 40:
                raise NotAnIdentifier
            return plain_phone(text)
        except NotAnIdentifier:
            raise serializers.ValidationError("Give the number with its country code, e.g. +91…", code="phone") from None


@extend_schema_field({"type": "string", "format": "birth-date", "example": "1990-02-28"})
class BirthDateField(serializers.DateField):
    """A day from 1900 to today (the latest today on earth)."""

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if not dt.date(1900, 1, 1) <= day <= dt.datetime.now(dt.timezone(dt.timedelta(hours=14))).date():
            raise serializers.ValidationError("Between 1900 and today.", code="date_of_birth")
        return day


@extend_schema_field({"type": "string", "format": "new-password", "minLength": 10, "maxLength": 200})
class NewPasswordField(serializers.CharField):
    """Ten characters at least, none of the common ones."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        try:
            validate_password(value)
        except NotValid as error:
            raise serializers.ValidationError(error.messages, code="weak_password") from None
        return value


class ProfileInput(Strict):
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    phone = PhoneField(required=False, allow_null=True)
    date_of_birth = BirthDateField(required=False, allow_null=True)
    language = LanguageField(required=False)
    zone = ZoneField(required=False)
    code_channels = serializers.ListField(
        child=serializers.ChoiceField(["email", "sms", "whatsapp"]),
        required=False,
        max_length=3,
        help_text="By which ways one-time codes are tried, in this order; the others of the domain follow.",
    )


class RegisterInput(ProfileInput):
    """At least one of email and phone."""

    also = {"anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("email", "phone")]}
    password = NewPasswordField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("email") and not attrs.get("phone"):
            raise serializers.ValidationError("Give an email address, a phone number, or both.", code="identifier_required")
        return attrs


class PersonOutput(serializers.ModelSerializer[User]):
    id = serializers.UUIDField(read_only=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    date_of_birth = serializers.DateField(allow_null=True)
    code_channels = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = User
        fields = (
            "id",
            "first_name",
            "last_name",
            "email",
            "email_pending",
            "phone",
            "phone_pending",
            "date_of_birth",
            "language",
            "zone",
            "code_channels",
            "version",
        )
