"""How are zones, opening hours and points on the map written on the wire?"""

from typing import Any
from zoneinfo import available_timezones

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinics.hours import overlapping
from healthcare.core.shapes import Strict


@extend_schema_field({"type": "string", "format": "iana-zone", "example": "Asia/Kolkata"})
class ZoneField(serializers.CharField):
    """An IANA time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value not in available_timezones():
            raise serializers.ValidationError("Not an IANA time zone.", code="zone")
        return str(value)


class OpeningInput(Strict):
    """`closes` at or before `opens` is the next day; 00:00 to 24:00 the whole day."""

    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")
    opens = serializers.RegexField(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")
    closes = serializers.RegexField(r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z")


class HoursField(serializers.ListSerializer[Any]):
    """Opening hours of a week, on the wall clock of the place; no two entries at one time. Empty: see the field's owner."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=OpeningInput(), max_length=70, **kwargs)

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        hours = [dict(one) for one in super().to_internal_value(data)]
        if (pair := overlapping(hours)) is not None:
            one, other = (f"{hours[n]['opens']}-{hours[n]['closes']}" for n in pair)
            raise serializers.ValidationError(
                f"Entries {pair[0] + 1} and {pair[1] + 1} ({one}, {other}) overlap.", code="overlap"
            )
        return sorted(hours, key=lambda one: (one["weekday"], one["opens"]))


class PointMixin:
    """Latitude and longitude come together or not at all."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [attrs.get(name) is not None for name in ("latitude", "longitude") if name in attrs]
        if len(given) == 1 or len(set(given)) > 1:
            raise serializers.ValidationError("Give latitude and longitude, or neither.", code="half_a_point")
        return attrs
