"""How does a clinic read its day in figures?"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from appointments import dashboard
from healthcare.core.views import ClinicViewSet


class DashboardOutput(serializers.Serializer[Any]):
    """The figures of the day in the clinic's zone. A section that the caller's role may not see is null."""

    date = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{one.name: one.shape(allow_null=True) for one in dashboard.sections()}}


class DashboardViewSet(ClinicViewSet):
    tags = ("clinics",)
    pagination_class = None
    needs = {"retrieve": "dashboard.view"}

    @extend_schema(responses={200: DashboardOutput})
    def retrieve(self, request: Any, clinic_id: str) -> Response:
        """Counted when something changed, else as it was counted last."""
        return Response(DashboardOutput(dashboard.figures(self.member, timezone.now())).data)
