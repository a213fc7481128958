"""How do integrators follow what happens in a clinic? They read the feed, or are called."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from notifications.webhooks import feed
from notifications.webhooks import serializers as shapes
from notifications.webhooks.models import Webhook
from notifications.webhooks.services import registering
from notifications.webhooks.services.registering import Registered
from notifications.webhooks.services.replaying import replay

NO_BODY: Any = {204: None}


class FeedViewSet(ClinicViewSet):
    tags = ("integration",)
    needs = {"list": "event.view"}
    pagination_class = None
    serializer_class = shapes.FeedOutput

    @extend_schema(summary="What happened in the clinic", parameters=[shapes.FeedQuery], responses={200: shapes.FeedOutput})
    def list(self, request: Any) -> Response:
        """Oldest first, ids only. Come back with `cursor`: nothing is skipped, also not what was committed late."""
        asked = self.asked(shapes.FeedQuery)
        rows = feed.after(self.clinic.id, asked.get("after"), asked["limit"])
        cursor = rows[-1].id if rows else asked.get("after")
        return Response({"events": [feed.shown(row) for row in rows], "cursor": cursor and str(cursor)})


class WebhookViewSet(ClinicViewSet):
    tags = ("integration",)
    queryset = Webhook.objects.none()
    serializer_class = shapes.WebhookOutput
    needs = dict.fromkeys(
        ("list", "create", "retrieve", "partial_update", "destroy", "secret", "deliveries", "replay"), "webhook.manage"
    )

    @extend_schema(summary="The clinic's webhooks", responses={200: shapes.WebhookOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(self._visible(), shapes.WebhookOutput)

    @extend_schema(summary="Register an address", request=shapes.WebhookInput, responses={201: shapes.SecretOutput})
    def create(self, request: Any) -> Response:
        """The answer has the secret, this once."""
        return self._with_secret(registering.register(**self.parsed(shapes.WebhookInput)), 201)

    @extend_schema(summary="One webhook", responses={200: shapes.WebhookOutput})
    def retrieve(self, request: Any, webhook_id: UUID) -> Response:
        return self.answer(self._one(webhook_id), shapes.WebhookOutput)

    @extend_schema(summary="Change it, or let it rest", request=shapes.WebhookChange, responses={200: shapes.WebhookOutput})
    def partial_update(self, request: Any, webhook_id: UUID) -> Response:
        row, asked = self._one(webhook_id), self.parsed(shapes.WebhookChange)
        self.fresh(row)
        return self.answer(registering.change(webhook=row, **asked), shapes.WebhookOutput)

    @extend_schema(summary="Take it away", request=None, responses=NO_BODY)
    def destroy(self, request: Any, webhook_id: UUID) -> Response:
        row = self._one(webhook_id)
        self.fresh(row)
        registering.remove(webhook=row)
        return Response(status=204)

    @extend_schema(summary="A new secret", request=Nothing, responses={200: shapes.SecretOutput})
    def secret(self, request: Any, webhook_id: UUID) -> Response:
        self.parsed(Nothing)
        return self._with_secret(registering.renew_secret(webhook=self._one(webhook_id)), 200)

    @extend_schema(
        summary="What was delivered, and what was not",
        parameters=[shapes.DeliveryQuery],
        responses={200: shapes.DeliveryOutput(many=True)},
    )
    def deliveries(self, request: Any, webhook_id: UUID) -> Response:
        rows = self._one(webhook_id).deliveries.all()
        state = self.asked(shapes.DeliveryQuery).get("state")
        return self.page(rows.filter(state=state) if state else rows, shapes.DeliveryOutput)

    @extend_schema(summary="Deliver again", request=shapes.ReplayInput, responses={200: shapes.ReplayOutput})
    def replay(self, request: Any, webhook_id: UUID) -> Response:
        """What lies dead, or everything since an instant."""
        row, asked = self._one(webhook_id), self.parsed(shapes.ReplayInput)
        return Response({"owed": replay(webhook=row, since=asked["since"], now=timezone.now())})

    def _visible(self) -> Any:
        return Webhook.objects.visible_to(self.member, self.needs[str(self.action)])

    def _one(self, webhook_id: UUID) -> Webhook:
        if (found := self._visible().filter(pk=webhook_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _with_secret(self, made: Registered, status: int) -> Response:
        shown = shapes.WebhookOutput(made.webhook).data
        return Response({**shown, "secret": made.secret}, status=status, headers={"Cache-Control": "no-store"})
