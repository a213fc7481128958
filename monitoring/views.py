"""Who asks whether the product is well? Anybody in short, operators in detail; the short answer needs no database."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.needs import OPEN
from healthcare.core.views import PlatformViewSet
from monitoring import figures, health, readiness, serializers
from monitoring.metrics import totals


class HealthViewSet(PlatformViewSet):
    """Open to all: no token is read, no limit counted, so that the answer comes also when the stores are away."""

    tags = ("health",)
    authentication_classes: Any = ()
    pagination_class = None
    needs = dict.fromkeys(("short", "live", "ready", "api"), OPEN)

    def enter(self, request: Any) -> None:
        return None

    def check_throttles(self, request: Any) -> None:
        return None

    @extend_schema(operation_id="health", responses={200: serializers.HealthOutput, 503: serializers.HealthOutput})
    def short(self, request: Any) -> Response:
        body, status = health.report()
        return Response(body, status=status)

    @extend_schema(operation_id="health_live", responses={200: serializers.LiveOutput})
    def live(self, request: Any) -> Response:
        return Response({"status": "ok"})

    @extend_schema(operation_id="health_ready", responses={200: serializers.ReadyOutput, 503: serializers.ReadyOutput})
    def ready(self, request: Any) -> Response:
        found = readiness.ready()
        is_ready = set(found.values()) == {"ok"}
        return Response({"status": "ready" if is_ready else "not_ready", **found}, status=200 if is_ready else 503)

    @extend_schema(operation_id="health_api", responses={200: serializers.ApiHealthOutput})
    def api(self, request: Any) -> Response:
        return Response({"status": "ok", "version": settings.SPECTACULAR_SETTINGS["VERSION"], **totals()})


class DetailedHealthViewSet(PlatformViewSet):
    tags = ("health",)
    pagination_class = None
    needs = {"detailed": "health.view"}

    @extend_schema(operation_id="health_detailed", responses={200: serializers.DetailedHealthOutput})
    def detailed(self, request: Any) -> Response:
        return Response(figures.detailed())
