"""What do people send about themselves, and what do they see?"""

import datetime as dt
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as NotValid
from rest_framework import serializers

from accounts.identifiers import NotAnIdentifier, plain_phone
from accounts.models import User
from healthcare.core.shapes import Strict, Text


class PhoneField(serializers.CharField):
    """An international phone number; kept as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        try:
            return plain_phone(super().to_internal_value(data))
        except NotAnIdentifier:
            raise serializers.ValidationError("Give the number with its country code, e.g. +91…", code="phone") from None


class ProfileInput(Strict):
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    phone = PhoneField(required=False, allow_null=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True)
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=10, required=False)
    zone = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def validate_date_of_birth(self, value: dt.date | None) -> dt.date | None:
        today = dt.datetime.now(dt.UTC).date()
        if value is not None and not dt.date(1900, 1, 1) <= value <= today:
            raise serializers.ValidationError("Between 1900 and today.", code="date_of_birth")
        return value

    def validate_zone(self, value: str) -> str:
        if value and value not in available_timezones():
            raise serializers.ValidationError("Not an IANA time zone.", code="zone")
        return value


class RegisterInput(ProfileInput):
    password = serializers.CharField(max_length=200, required=False, trim_whitespace=False)

    def validate_password(self, value: str) -> str:
        try:
            validate_password(value)
        except NotValid as error:
            raise serializers.ValidationError(error.messages, code="weak_password") from None
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("email") and not attrs.get("phone"):
            raise serializers.ValidationError("Give an email address, a phone number, or both.", code="identifier_required")
        return attrs


class LoginInput(Strict):
    identifier = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class RefreshInput(Strict):
    refresh = serializers.CharField(max_length=200)


class LogoutInput(Strict):
    all_devices = serializers.BooleanField(required=False, default=False)


class PersonOutput(serializers.ModelSerializer[User]):
    id = serializers.UUIDField(read_only=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    date_of_birth = serializers.DateField(allow_null=True)

    class Meta:
        model = User
        fields = ("id", "first_name", "last_name", "email", "phone", "date_of_birth", "language", "zone", "version")


class TokensOutput(serializers.Serializer[Any]):
    """`expires_in` seconds of the access token; `refresh` gives the next pair, once."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()
    session_id = serializers.UUIDField()


class SignedInOutput(TokensOutput):
    user = PersonOutput()
