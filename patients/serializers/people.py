"""Which numbers, contacts and policies does a chart hold, on the wire?"""

from typing import Any

from rest_framework import serializers

from accounts.serializers import PhoneField
from healthcare.core.shapes import Strict, Text
from patients import numbers
from patients.models import Contact, Identifier, Insurance
from patients.serializers.entries import HEAD, Changes, EntryOutput
from patients.serializers.record import NumberField


class IdentifierInput(Strict):
    """`country` (ISO 3166-1 alpha-2) belongs to national numbers and passports."""

    kind = serializers.ChoiceField(choices=Identifier.Kind.choices)
    country = serializers.RegexField(r"^(?:[A-Z]{2})?\Z", max_length=2, required=False, allow_blank=True)
    value = NumberField(max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs.get("kind") or self.context.get("kind")
        if "value" in attrs and kind and not numbers.fits(kind, attrs["value"]):
            raise serializers.ValidationError({"value": "Not a number of this kind; check the digits."}, code="check_digits")
        return attrs


class IdentifierOutput(EntryOutput):
    value = serializers.CharField()

    class Meta:
        model = Identifier
        fields = (*HEAD, "kind", "country", "value")


class ContactInput(Strict):
    relation = serializers.ChoiceField(choices=Contact.Relation.choices)
    is_emergency = serializers.BooleanField(required=False)
    name = Text(required=False, allow_blank=True)
    phone = PhoneField(required=False, allow_null=True)
    email = serializers.EmailField(max_length=200, required=False, allow_null=True)
    address = Text(max_length=500, required=False, allow_blank=True)


class ContactChangeInput(Changes, ContactInput):
    pass


class ContactOutput(EntryOutput):
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    address = serializers.CharField()

    class Meta:
        model = Contact
        fields = (*HEAD, "relation", "is_emergency", "name", "phone", "email", "address")


class IdentifierChangeInput(Changes, IdentifierInput):
    """A number of another kind is another entry."""

    kind = None


class InsuranceInput(Strict):
    insurer = Text()
    plan = Text(required=False, allow_blank=True)
    policy_number = Text(max_length=64)
    holder = Text(required=False, allow_blank=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    is_primary = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        begins, ends = attrs.get("valid_from"), attrs.get("valid_until")
        if begins and ends and ends < begins:
            raise serializers.ValidationError({"valid_until": "Not before valid_from."}, code="order")
        return attrs


class InsuranceChangeInput(Changes, InsuranceInput):
    pass


class InsuranceOutput(EntryOutput):
    insurer = serializers.CharField()
    plan = serializers.CharField()
    policy_number = serializers.CharField()
    holder = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)

    class Meta:
        model = Insurance
        fields = (*HEAD, "insurer", "plan", "policy_number", "holder", "valid_from", "valid_until", "is_primary")
