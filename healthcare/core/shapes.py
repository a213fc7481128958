"""Which shapes of input and output do several apps share?"""

from typing import Any

from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """An input that refuses members it does not know, so that a misspelt one is not lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail("Unknown member.", "unknown")] for name in unknown}
            )
        return super().to_internal_value(data)


class Nothing(Strict):
    """An empty body."""


class Text(serializers.CharField):
    """Text for people: trimmed, no control characters but line breaks and tabs, bounded."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if any(ch < " " and ch not in "\n\t\r" for ch in text) or any("\ud800" <= ch <= "\udfff" for ch in text):
            raise serializers.ValidationError("Control characters are not allowed.", code="control_characters")
        return str(text)
