"""Which rooms and devices does the clinic have, and what may use them?"""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from appointments.models import Resource
from appointments.plugins.registry import kind_named
from appointments.services import resources
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Strict, Text
from healthcare.core.views import ClinicViewSet


class ResourceChangeInput(Strict):
    name = Text(max_length=80, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=500, required=False, help_text="Appointments at once.")
    kinds = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100, required=False)
    is_active = serializers.BooleanField(required=False)

    def validate_kinds(self, codes: list[str]) -> list[str]:
        return [kind_named(code).code for code in codes]


class ResourceInput(ResourceChangeInput):
    type = serializers.ChoiceField(choices=Resource.Type.choices)
    name = Text(max_length=80)
    location = serializers.UUIDField()


class ResourceOutput(serializers.Serializer[Resource]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=Resource.Type.choices)
    name = serializers.CharField()
    location = serializers.UUIDField(source="location_id")
    capacity = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class ResourceViewSet(ClinicViewSet):
    tags = ("appointments",)
    queryset = Resource.objects.none()
    page_ordering = ("name", "id")
    needs = {
        "list": "resource.view",
        "retrieve": "resource.view",
        "create": "resource.manage",
        "partial_update": "resource.manage",
    }

    @extend_schema(responses={200: ResourceOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(Resource.objects.visible_to(self.member, "resource.view"), ResourceOutput)

    @extend_schema(request=ResourceInput, responses={201: ResourceOutput})
    def create(self, request: Any) -> Response:
        asked = self.parsed(ResourceInput)
        row = resources.enter(location_id=asked.pop("location"), by=self.member.user_id, **asked)
        return self.answer(row, ResourceOutput, status=201)

    @extend_schema(responses={200: ResourceOutput})
    def retrieve(self, request: Any, resource_id: UUID) -> Response:
        return self.answer(self._one(resource_id), ResourceOutput)

    @extend_schema(request=ResourceChangeInput, responses={200: ResourceOutput})
    def partial_update(self, request: Any, resource_id: UUID) -> Response:
        """What is claimed already stays claimed; a room that is not in use any more is offered for nothing new."""
        asked = self.parsed(ResourceChangeInput)
        with transaction.atomic():
            row = self._one(resource_id)
            self.fresh(row)
            return self.answer(resources.change(resource=row, by=self.member.user_id, **asked), ResourceOutput)

    def _one(self, resource_id: UUID) -> Resource:
        if (found := Resource.objects.visible_to(self.member, self.needs[self.action]).filter(pk=resource_id).first()) is None:
            raise NotFound
        return found
