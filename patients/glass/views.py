"""How is a chart opened in an emergency over REST, and the opening reviewed? Parse, one verb, answer."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.services import step_up
from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.glass import services
from patients.glass.models import Opening
from patients.glass.serializers import GlassInput, GlassOutput, GlassQuery, GlassReviewInput
from patients.models import Patient


class GlassViewSet(ClinicViewSet):
    tags = ("break-glass",)
    queryset = Opening.objects.none()
    needs = {
        "list": "glass.view",
        "retrieve": "glass.view",
        "create": "glass.open",
        "close": "glass.open",
        "review": "glass.review",
    }

    @extend_schema(parameters=[GlassQuery], responses={200: GlassOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Who reviews sees all, who opens their own; the newest first."""
        return self.page(self._narrowed(self.asked(GlassQuery)), GlassOutput, prepare=warm)

    @extend_schema(responses={200: GlassOutput})
    def retrieve(self, request: Any, opening_id: UUID) -> Response:
        return self.answer(self._one(opening_id), GlassOutput)

    @extend_schema(request=GlassInput, responses={201: GlassOutput})
    def create(self, request: Any) -> Response:
        """Open one chart outside one's rights, for some minutes, with a reason. Wants a recent sign-in (`step_up_required`).

        The patient and the compliance officers are told; every look is on the trail; somebody else reviews it.
        """
        asked = self.parsed(GlassInput)
        step_up.require(request.auth)
        row = services.open_chart(patient=self._chart(asked), reason=asked["reason"], by=self.member, now=timezone.now())
        return self.answer(row, GlassOutput, status=201)

    @extend_schema(request=Nothing, responses={200: GlassOutput})
    def close(self, request: Any, opening_id: UUID) -> Response:
        """Close one's own before its time."""
        self.parsed(Nothing)
        row = self._one(opening_id)
        if row.user_id != self.member.user_id:
            raise NotFound
        return self.answer(services.close_chart(opening=row, by=self.member, now=timezone.now()), GlassOutput)

    @extend_schema(request=GlassReviewInput, responses={200: GlassOutput})
    def review(self, request: Any, opening_id: UUID) -> Response:
        """Close the review with a finding."""
        asked = self.parsed(GlassReviewInput)
        return self.answer(
            services.review(opening=self._one(opening_id), by=self.member, now=timezone.now(), **asked), GlassOutput
        )

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    def _visible(self) -> Any:
        permission = "glass.review" if self.action == "review" else "glass.view"
        return Opening.objects.visible_to(self.member, permission).select_related("patient")

    def _one(self, opening_id: UUID) -> Opening:
        if (found := self._visible().filter(pk=opening_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _chart(self, asked: dict[str, Any]) -> Patient:
        known = {"pk": asked["patient"]} if "patient" in asked else {"mrn": asked["mrn"].upper()}
        if (found := Patient.objects.living().filter(**known).first()) is None:
            raise NotFound
        return found

    def _narrowed(self, asked: dict[str, Any]) -> Any:
        rows = self._visible()
        match asked.get("review"):
            case "open":
                rows = rows.to_review()
            case "overdue":
                rows = rows.overdue(timezone.now())
            case "closed":
                rows = rows.exclude(reviewed_at=None)
        return rows.filter(**{name: asked[name] for name in ("user", "patient") if name in asked})
