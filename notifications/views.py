"""What has the caller been told in this clinic?"""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from healthcare.core.views import ClinicViewSet
from notifications import facts
from notifications.models import Notification, NotificationQuerySet
from notifications.serializers import NotificationOutput, NotificationQuery, ReadInput
from notifications.services.reading import mark_read


class NotificationViewSet(ClinicViewSet):
    """The person's own ledger: what they were told, by which ways it went out, and whether they have read it."""

    tags = ["notifications"]
    needs = {"list": "notification.view", "read": "notification.view"}
    queryset = Notification.objects.none()
    serializer_class = NotificationOutput
    _facts: dict[str, facts.Facts] = {}

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "facts": self._facts}

    def own(self) -> NotificationQuerySet:
        return Notification.objects.visible_to(self.member, str(self.need))

    def prepare(self, rows: list[Notification]) -> None:
        self._facts = facts.load(rows)

    @extend_schema(summary="The caller's own messages in this clinic, newest first", parameters=[NotificationQuery])
    def list(self, request: Request) -> Response:
        rows = self.own().for_page()
        if self.asked(NotificationQuery).get("unread"):
            rows = rows.filter(read_at=None)
        return self.page(rows, NotificationOutput, self.prepare)

    @extend_schema(summary="Note that a message was read", request=ReadInput, responses=NotificationOutput)
    def read(self, request: Request, pk: Any) -> Response:
        self.parsed(ReadInput)
        row = mark_read(notification=get_object_or_404(self.own(), pk=pk), now=timezone.now())
        self.prepare([row])
        return self.answer(row, NotificationOutput)
