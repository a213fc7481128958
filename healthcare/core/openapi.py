"""How is every route described? Each operation gets its headers, its possible problems and who may call it."""

import inspect
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from healthcare.core.context import PURPOSES
from healthcare.core.errors import INSTANTS
from healthcare.core.shapes import NOT_BLANK, PLAIN, KnownCode, Strict
from healthcare.core.views import OPEN, ClinicViewSet, PlatformViewSet

REFUSALS = {
    "400": "Malformed: the request can't be read or some fields are not valid.",
    "401": "Not signed in, or the sign-in has ended.",
    "403": "The caller's role does not allow this.",
    "404": "Out of the caller's sight, or not there at all.",
    "405": "The resource has no such method.",
    "406": "No representation the caller accepts.",
    "409": "A rule says no; every reason is listed.",
    "412": "Changed since it was read (If-Match).",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "429": "Too many; Retry-After says when to come again.",
    "503": "Overloaded; Retry-After says when to come again.",
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, snake_case"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {k: {"type": "string"} for k in ("field", "code", "message")},
            },
        },
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "code": {"type": "string", "description": "stable, snake_case"},
                    "detail": {"type": "string", "description": "for people, on the wall clock of the place"},
                    **{k: {"type": "string", "format": "date-time", "description": told} for k, told in INSTANTS.items()},
                },
            },
        },
        "alternatives": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "request_id": {"type": "string"},
    },
}
CLINIC = OpenApiParameter("X-Clinic-ID", OpenApiTypes.STR, OpenApiParameter.HEADER, description="Slug or id of the clinic.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    OpenApiParameter.HEADER,
    description="Makes the call happen once; the answer is kept 24 h.",
)
PURPOSE = OpenApiParameter(
    "X-Purpose",
    {"type": "string", "enum": list(PURPOSES)},
    OpenApiParameter.HEADER,
    description="For what health data are used; the audit keeps it.",
)
MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="ETag of the version that was read; a stale write is 412.",
)


class Described(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if isinstance(self.view, ClinicViewSet) and "{clinic_id}" not in self.path:
            found.append(CLINIC)
        if isinstance(self.view, ClinicViewSet):
            found.append(PURPOSE)
        if isinstance(self.view, PlatformViewSet) and self.method != "GET":
            found.append(KEY)
            if self.method in ("PUT", "PATCH", "DELETE"):
                found.append(MATCH)
        return found

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """What a text field of ours takes is said exactly: a code of a list, no control characters, not blank where it may not
        be. A field with a pattern of its own gets that later."""
        found = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction != "request" or not isinstance(found, dict):
            return found
        if isinstance(field, KnownCode):
            return {**found, "enum": field.codes()}
        if found.get("format") == "decimal":  # the library's own lets "" and "." pass
            return {**found, "pattern": _decimal(field)}
        free = found.get("type") == "string" and not {"format", "enum", "pattern"} & found.keys()
        if free and isinstance(field, serializers.CharField) and not isinstance(field, serializers.RegexField):
            blank = field.allow_blank or not field.trim_whitespace
            return {**found, "pattern": PLAIN if blank else NOT_BLANK}
        return found

    def _get_paginator(self) -> Any:
        whole = getattr(self.view, "whole", ())
        return None if getattr(self.view, "action", None) in whole else super()._get_paginator()  # type: ignore[no-untyped-call]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        found = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, Strict):
            found |= {"additionalProperties": False, **serializer.also}
        if found.get("description") == inspect.getdoc(Strict):
            del found["description"]
        return found

    def get_auth(self) -> list[dict[str, Any]]:
        open_to_all = isinstance(self.view, PlatformViewSet) and self.view.need == OPEN
        return [] if open_to_all else super().get_auth()

    def get_tags(self) -> list[str]:
        tags = getattr(self.view, "tags", None)
        return list(tags) if tags else super().get_tags()


def _decimal(field: serializers.DecimalField) -> str:
    whole = (field.max_digits or 0) - (field.decimal_places or 0)
    sign = "" if field.min_value is not None and field.min_value >= 0 else "-?"
    return rf"^{sign}\d{{1,{whole}}}(?:\.\d{{1,{field.decimal_places}}})?$"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.Bearer"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def with_problems(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Post-processing: every operation of ours may answer every problem, in the one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    shapes = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            if (body := operation.get("requestBody")) and _needs_members(body, shapes):
                body["required"] = True
            for status, meaning in REFUSALS.items():
                operation["responses"].setdefault(status, {"description": meaning, "content": content})
    return result


def _needs_members(body: dict[str, Any], shapes: dict[str, Any]) -> bool:
    """Does the shape ask for some member without naming which (one of two, at least one)?"""
    schema = body["content"].get("application/json", {}).get("schema", {})
    shape = shapes.get(schema.get("$ref", "").rpartition("/")[2], {})
    return bool({"anyOf", "oneOf", "minProperties"} & shape.keys())
