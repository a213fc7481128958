"""Which shapes of input do several apps share? Strict bodies, query strings, text for people, languages."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.settings import api_settings

# What the schema says of text, and what is checked: no control characters but tab and line breaks.
_OK = r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f]"
_INK = r"[^\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
PLAIN = rf"^{_OK}+$"
NOT_BLANK = rf"^{_OK}*{_INK}{_OK}*$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"
ALLOWED = "\t\n\r"
NON_FIELD: str = api_settings.NON_FIELD_ERRORS_KEY


class Strict(serializers.Serializer[Any]):
    """An input that refuses members it does not know, so that a misspelt one is not lost in silence, and control characters.

    `also` says to the schema what fields alone can't (one of two members, …).
    """

    also: ClassVar[dict[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name: value for name, value in data.items() if name in self.fields}
            faults = {
                **_strangers(sorted(set(map(str, data)) - set(self.fields)), list(self.fields)),
                **{name: _fault("Control characters are not allowed.", "control_characters") for name in _controlled(known)},
            }
            if faults:
                raise serializers.ValidationError(faults)
        return super().to_internal_value(data)


class Query(serializers.Serializer[Any]):
    """A query string: a parameter without a value counts as left out, an unknown one is ignored; no control characters."""

    def to_internal_value(self, data: Any) -> Any:
        asked = {name: value for name, value in data.items() if value != "" and name in self.fields}
        if faults := {name: _fault("Control characters are not allowed.", "control_characters") for name in _controlled(asked)}:
            raise serializers.ValidationError(faults)
        return super().to_internal_value(asked)


class Nothing(Strict):
    """An empty body."""


class Text(serializers.CharField):
    """Text for people: trimmed, bounded."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)


@extend_schema_field(
    {
        "type": "string",
        "format": "https-address",
        "pattern": "^https://",
        "maxLength": 1000,
        "example": "https://hooks.example.org/in",
    }
)
class TargetField(serializers.CharField):
    """An address on the public Internet that is to be called; `guarded` judges it (`bad_target`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)


class KnownCode(serializers.CharField):
    """A code that the product knows in this installation: one of what `codes()` gives when it is asked."""

    def __init__(self, codes: Callable[[], Iterable[str]], **kwargs: Any) -> None:
        self._codes = codes
        super().__init__(max_length=60, **kwargs)

    def codes(self) -> list[str]:
        return sorted(self._codes())

    def to_internal_value(self, data: Any) -> str:
        code = str(super().to_internal_value(data))
        if code not in self._codes():
            raise serializers.ValidationError("Not known here.", code="unknown_code")
        return code


@extend_schema_field({"type": "string", "maxLength": 10, "pattern": r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "example": "en"})
class LanguageField(serializers.RegexField):
    """A language tag (BCP 47), as far as we use them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(LANGUAGE, max_length=10, **kwargs)


def _strangers(names: list[str], known: list[str]) -> dict[str, list[serializers.ErrorDetail]]:
    """Members that are not known. Only a misspelt one is repeated: any other may be anything, somebody's name even."""
    found = {name: _fault("Unknown member.", "unknown") for name in names if get_close_matches(name, known, 1)}
    if len(found) < len(names):
        found[NON_FIELD] = _fault(f"Unknown member; known are {', '.join(known) or 'none'}.", "unknown")
    return found


def _controlled(data: dict[Any, Any]) -> Iterator[str]:
    for name, value in data.items():
        texts = value if isinstance(value, list) else [value]
        if any(ch < " " and ch not in ALLOWED for text in texts if isinstance(text, str) for ch in text):
            yield str(name)


def _fault(message: str, code: str) -> list[serializers.ErrorDetail]:
    return [serializers.ErrorDetail(message, code)]
