"""What do phones, kiosks and desks send to check somebody in, and what do they see?"""

from typing import Any, ClassVar

from rest_framework import serializers

from appointments.models import Appointment
from appointments.serializers import TokenBrief
from healthcare.core.shapes import Strict, Text


class PlaceInput(Strict):
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    accuracy = serializers.FloatField(min_value=0, max_value=1_000_000, help_text="Metres, as the phone states it.")


class PassInput(Strict):
    token = Text(max_length=200)


class KioskInput(Strict):
    """A pass, its short code, or chart number and year of birth."""

    also: ClassVar[dict[str, Any]] = {
        "oneOf": [{"required": ["token"]}, {"required": ["code"]}, {"required": ["mrn", "birth_year"]}]
    }
    token = Text(max_length=200, required=False)
    code = Text(max_length=20, required=False)
    mrn = Text(max_length=20, required=False)
    birth_year = serializers.IntegerField(min_value=1880, max_value=2200, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if set(given) not in ({"token"}, {"code"}, {"mrn", "birth_year"}):
            raise serializers.ValidationError("Give a token, a code, or mrn and birth_year.", "one_way")
        return given


class AllowInput(Strict):
    allowed = serializers.BooleanField()


class AllowOutput(serializers.Serializer[Any]):
    display = serializers.UUIDField()
    allowed = serializers.BooleanField()


class PassOutput(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="What the QR code says.")
    code = serializers.CharField(help_text="To type instead.")
    svg = serializers.CharField(help_text="The QR code as a picture.")
    expires_at = serializers.DateTimeField()


class KioskOutput(serializers.Serializer[Any]):
    """What a screen in the hall may show: number and desk, no name."""

    state = serializers.CharField()
    token = TokenBrief(allow_null=True)
    desk = serializers.CharField()

    def to_representation(self, row: Appointment) -> dict[str, Any]:
        token = self.context["added"].get("token", {}).get(row.id)
        return {"state": str(row.state), "token": token, "desk": row.practitioner.room or str(row.practitioner)}
