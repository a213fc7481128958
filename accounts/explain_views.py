"""Who asks why somebody may, or may not? Everybody about themself; who answers for the clinic, about others."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts import explaining
from accounts.roles import Reach
from healthcare.core.errors import NotFound
from healthcare.core.ids import as_id
from healthcare.core.shapes import KnownCode, Query
from healthcare.core.views import ClinicViewSet


@extend_schema_field(
    {"type": "string", "format": "thing", "maxLength": 60, "example": "patient:0194f3a0-bc00-7417-ba32-8841acd9fbeb"}
)
class ThingField(serializers.CharField):
    """`patient:<id>`, `appointment:<id>`"""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        kind, _, object_id = str(super().to_internal_value(data)).partition(":")
        if kind not in explaining.kinds() or as_id(object_id) is None:
            raise serializers.ValidationError(f"One of {', '.join(explaining.kinds())}, a colon, an id.", code="object")
        return kind, as_id(object_id)


class ExplainQuery(Query):
    user = serializers.UUIDField(required=False, help_text="Left out: oneself.")
    action = KnownCode(explaining.permissions, help_text="A permission, as in docs/roles.md.")
    object = ThingField(required=False)


class WhyOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    effect = serializers.ChoiceField(["allows", "refuses", "notes"])
    detail = serializers.CharField()
    known = serializers.DictField(help_text="Ids, codes and instants: the role, who granted it, until when.")


class ExplainOutput(serializers.Serializer[Any]):
    """`allowed` is what the product would answer; `reasons` is every reason for it, and what else was looked at."""

    allowed = serializers.BooleanField()
    reasons = WhyOutput(many=True)


class ExplainViewSet(ClinicViewSet):
    tags = ("users",)
    pagination_class = None
    needs = {"retrieve": "authz.explain"}

    @extend_schema(operation_id="authz_explain", parameters=[ExplainQuery], responses={200: ExplainOutput})
    def retrieve(self, request: Any) -> Response:
        """Why may this person do this here, or why not?"""
        asked = self.asked(ExplainQuery)
        user_id = asked.get("user", self.member.user_id)
        if user_id != self.member.user_id and self.member.reach("authz.explain") != Reach.ALL:
            raise NotFound
        kind, object_id = asked.get("object", ("", None))
        found = explaining.explain(user_id=user_id, clinic=self.clinic, action=asked["action"], kind=kind, object_id=object_id)
        return Response(ExplainOutput(found).data)
