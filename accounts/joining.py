"""How does a signed-in person become a clinic's patient?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts import signed_in
from accounts.models import User
from accounts.services.people import join_clinic
from healthcare.core.shapes import Nothing
from healthcare.core.views import SIGNED_IN, PlatformViewSet


class JoinedOutput(serializers.Serializer[Any]):
    clinic = serializers.UUIDField(source="clinic_id")
    role = serializers.CharField()


class JoinViewSet(PlatformViewSet):
    tags = ("clinics",)
    needs = {"register": SIGNED_IN}

    @extend_schema(request=Nothing, responses={201: JoinedOutput})
    def register(self, request: Any, clinic_id: str) -> Response:
        self.parsed(Nothing)
        membership = join_clinic(user=User.objects.get(pk=request.user.pk), clinic=self.clinic)
        signed_in.forget(request.auth.session_id)
        return self.answer(membership, JoinedOutput, status=201)
