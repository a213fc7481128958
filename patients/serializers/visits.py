"""What happened at a visit and what was measured, on the wire?"""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Strict
from patients import vitals
from patients.models import Visit, Vital
from patients.serializers.entries import HEAD, Changes, EntryOutput, LongText

SIGNS = sorted(vitals.SIGNS)
UNITS = sorted({unit for sign in vitals.SIGNS.values() for unit in (sign.unit, *sign.also)})


class VisitInput(Strict):
    """`appointment` is the one it belongs to, if any."""

    appointment = serializers.UUIDField(required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False, allow_null=True)
    complaint = LongText(required=False, allow_blank=True)
    findings = LongText(required=False, allow_blank=True)
    assessment = LongText(required=False, allow_blank=True)
    plan = LongText(required=False, allow_blank=True)
    is_sensitive = serializers.BooleanField(required=False)


class VisitChangeInput(Changes, VisitInput):
    pass


class VisitOutput(EntryOutput):
    appointment = serializers.UUIDField(source="appointment_id", allow_null=True)
    complaint = serializers.CharField()
    findings = serializers.CharField()
    assessment = serializers.CharField()
    plan = serializers.CharField()

    class Meta:
        model = Visit
        fields = (
            *HEAD,
            "appointment",
            "started_at",
            "ended_at",
            "complaint",
            "findings",
            "assessment",
            "plan",
            "is_sensitive",
        )


class VitalInput(Strict):
    """`unit` is UCUM; left out it is the sign's own. Kept in the sign's own unit, two decimals."""

    visit = serializers.UUIDField(required=False, allow_null=True)
    sign = serializers.ChoiceField(choices=SIGNS)
    value = serializers.DecimalField(max_digits=9, decimal_places=4)
    unit = serializers.ChoiceField(choices=UNITS, required=False)
    taken_at = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unit = attrs.pop("unit", None)
        if "value" not in attrs:
            return attrs
        try:
            attrs["value"] = str(vitals.in_own_unit(attrs.get("sign") or self.context["sign"], attrs["value"], unit))
        except KeyError:
            raise serializers.ValidationError({"unit": "Not a unit of this sign."}, code="unit") from None
        except vitals.OutOfRange:
            raise serializers.ValidationError({"value": "No living person has this value."}, code="out_of_range") from None
        return attrs


class VitalChangeInput(Changes, VitalInput):
    """Another sign is another entry."""

    sign = None


class VitalOutput(EntryOutput):
    visit = serializers.UUIDField(source="visit_id", allow_null=True)
    value = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    loinc = serializers.SerializerMethodField()

    class Meta:
        model = Vital
        fields = (*HEAD, "visit", "sign", "value", "unit", "loinc", "taken_at")

    def get_value(self, row: Vital) -> str:
        return str(Decimal(row.value))

    def get_unit(self, row: Vital) -> str:
        return vitals.SIGNS[row.sign].unit

    def get_loinc(self, row: Vital) -> str:
        return vitals.SIGNS[row.sign].loinc
