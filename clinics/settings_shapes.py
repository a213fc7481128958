"""How are a clinic's settings written on the wire, and what may they say?"""

from functools import partial
from typing import Any

from rest_framework import serializers

from clinics import vocabulary
from clinics.fields import HoursField, ZoneField
from clinics.settings_of import EMPTY
from healthcare.core.shapes import KnownCode, LanguageField, Strict

DAY = 24 * 60
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"


class KindTermsInput(Strict):
    """One kind of appointment that is offered; what is left out or null is as for all kinds, else as the kind itself says."""

    kind = KnownCode(partial(vocabulary.known, "kind"))
    length_minutes = serializers.IntegerField(min_value=1, max_value=DAY, allow_null=True, default=None)
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, allow_null=True, default=None, help_text="In the clinic's currency."
    )
    buffer_minutes = serializers.IntegerField(min_value=0, max_value=DAY, allow_null=True, default=None)
    notice_minutes = serializers.IntegerField(min_value=0, max_value=365 * DAY, allow_null=True, default=None)
    horizon_days = serializers.IntegerField(min_value=1, max_value=730, allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: dict[str, Any] = super().to_internal_value(data)
        return {**value, "price": None if value["price"] is None else f"{value['price']:.2f}"}


class QueuePolicyInput(Strict):
    merge_rule = KnownCode(partial(vocabulary.known, "merge_rule"), allow_null=True, default=None)
    grace_minutes = serializers.IntegerField(min_value=0, max_value=240, allow_null=True, default=None)


class NotificationPolicyInput(Strict):
    reminders_minutes = serializers.ListField(
        child=serializers.IntegerField(min_value=5, max_value=30 * DAY),
        max_length=5,
        help_text="Before the appointment; none: nobody is reminded.",
    )
    quiet_from = serializers.RegexField(TIME, allow_null=True, default=None, help_text="In the person's zone.")
    quiet_until = serializers.RegexField(TIME, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["quiet_from"] is None) != (attrs["quiet_until"] is None) or (
            attrs["quiet_from"] is not None and attrs["quiet_from"] == attrs["quiet_until"]
        ):
            raise serializers.ValidationError("Give two different times, or neither.", code="half_a_night")
        return {**attrs, "reminders_minutes": sorted(set(attrs["reminders_minutes"]), reverse=True)}


def _to_be_opened() -> set[tuple[str, str]]:
    """What a clinic may open, as (role, permission)."""
    return {(role, permission) for role, _, permission in (code.partition(":") for code in vocabulary.known("opened"))}


class OpenedInput(Strict):
    """What is opened to one role; the words are those of `accounts.roles.MAY_BE_OPENED`."""

    role = KnownCode(lambda: {role for role, _ in _to_be_opened()})
    permissions = serializers.ListField(
        child=KnownCode(lambda: {permission for _, permission in _to_be_opened()}), max_length=50, allow_empty=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if strange := sorted({one for one in attrs["permissions"] if (attrs["role"], one) not in _to_be_opened()}):
            raise serializers.ValidationError(
                {"permissions": f"Never opened to the role {attrs['role']}: {', '.join(strange)}."}, code="never_opened"
            )
        return {**attrs, "permissions": sorted(set(attrs["permissions"]))}


class AccessPolicyInput(Strict):
    opened = serializers.ListField(
        child=OpenedInput(),
        max_length=20,
        help_text="These roles have these permissions for all patients, not their own only; docs/roles.md says which may be.",
    )

    def validate_opened(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        roles = [row["role"] for row in rows]
        if len(roles) != len(set(roles)):
            raise serializers.ValidationError("A role is listed twice.", code="twice")
        return [dict(row) for row in sorted(rows, key=lambda row: str(row["role"]))]


class SettingsChangeInput(Strict):
    """Each member as a whole; what is left out stays. `version`, where given, is the one that was read (as If-Match)."""

    version = serializers.IntegerField(min_value=1, max_value=10**8, required=False)
    zone = ZoneField(required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217")
    language = LanguageField(required=False)
    languages = serializers.ListField(child=LanguageField(), max_length=20, required=False)
    kinds = serializers.ListField(
        child=KindTermsInput(), max_length=200, required=False, allow_null=True, help_text="What is offered; null: every kind."
    )
    buffer_minutes = serializers.IntegerField(min_value=0, max_value=DAY, allow_null=True, required=False)
    notice_minutes = serializers.IntegerField(min_value=0, max_value=365 * DAY, allow_null=True, required=False)
    horizon_days = serializers.IntegerField(min_value=1, max_value=730, allow_null=True, required=False)
    hours = HoursField(required=False)
    queue = QueuePolicyInput(required=False)
    notifications = NotificationPolicyInput(required=False)
    access = AccessPolicyInput(required=False)

    def validate_kinds(self, rows: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        codes = [row["kind"] for row in rows or ()]
        if len(codes) != len(set(codes)):
            raise serializers.ValidationError("A kind is listed twice.", code="twice")
        return rows

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("queue", "notifications", "access"):
            if name in attrs:
                attrs[name] = dict(attrs[name])
        if attrs.get("kinds") is not None:
            attrs["kinds"] = [dict(row) for row in attrs["kinds"]]
        return attrs


class SettingsReplaceInput(SettingsChangeInput):
    """Every member but `version`, so that nothing is reset by being forgotten."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name != "version"
        return fields


class KindTermsOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    length_minutes = serializers.IntegerField(allow_null=True)
    price = serializers.CharField(allow_null=True)
    buffer_minutes = serializers.IntegerField(allow_null=True)
    notice_minutes = serializers.IntegerField(allow_null=True)
    horizon_days = serializers.IntegerField(allow_null=True)


class OpeningOutput(serializers.Serializer[Any]):
    weekday = serializers.IntegerField()
    opens = serializers.CharField()
    closes = serializers.CharField()


class QueuePolicyOutput(serializers.Serializer[Any]):
    merge_rule = serializers.CharField(allow_null=True)
    grace_minutes = serializers.IntegerField(allow_null=True)


class NotificationPolicyOutput(serializers.Serializer[Any]):
    reminders_minutes = serializers.ListField(child=serializers.IntegerField())
    quiet_from = serializers.CharField(allow_null=True)
    quiet_until = serializers.CharField(allow_null=True)


class OpenedOutput(serializers.Serializer[Any]):
    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())


class AccessPolicyOutput(serializers.Serializer[Any]):
    opened = OpenedOutput(many=True)


class DocumentOutput(serializers.Serializer[Any]):
    zone = serializers.CharField()
    currency = serializers.CharField()
    language = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    kinds = KindTermsOutput(many=True, allow_null=True)
    buffer_minutes = serializers.IntegerField(allow_null=True)
    notice_minutes = serializers.IntegerField(allow_null=True)
    horizon_days = serializers.IntegerField(allow_null=True)
    hours = OpeningOutput(many=True)
    queue = QueuePolicyOutput()
    notifications = NotificationPolicyOutput()
    access = AccessPolicyOutput()

    def to_representation(self, document: Any) -> dict[str, Any]:
        """A version of before some member was: as the product worked without it."""
        return dict(super().to_representation({**EMPTY, **document}))


class SettingsOutput(DocumentOutput):
    """The settings as they are; `version` is also the ETag."""

    version = serializers.IntegerField()


class SettingsVersionOutput(serializers.Serializer[Any]):
    """The settings as they were from `at` on."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.UUIDField(allow_null=True, help_text="Null: since the beginning, or by a command.")
    document = DocumentOutput()
