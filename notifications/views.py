"""What has the caller been told, and how do they want to be told?"""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from healthcare.core.delivery.push import Push, public_key
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.core.views import ClinicViewSet, PlatformViewSet
from notifications import facts
from notifications import serializers as shapes
from notifications.models import Notification, NotificationQuerySet, Preference
from notifications.notices.models import Notice, PushDevice
from notifications.serializers import NotificationOutput, NotificationQuery, PreferenceInput, PreferenceOutput, ReadInput
from notifications.services import devices
from notifications.services.preferring import prefer, preference_for
from notifications.services.reading import mark_read

NO_BODY: Any = {204: None}


class _Ledger:
    """A page of entries, and the facts that its words need, loaded at once."""

    _facts: dict[Any, facts.Facts] = {}

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "facts": self._facts}  # type: ignore[misc]

    def prepare(self, rows: list[Any]) -> None:
        self._facts = facts.load(rows)


class NotificationViewSet(_Ledger, ClinicViewSet):
    """The person's own ledger: what they were told, by which ways it went out, and whether they have read it."""

    tags = ["notifications"]
    needs = {"list": "notification.view", "read": "notification.view"}
    queryset = Notification.objects.none()
    serializer_class = NotificationOutput

    def own(self) -> NotificationQuerySet:
        return Notification.objects.visible_to(self.member, str(self.need))

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


class PreferenceViewSet(ClinicViewSet):
    """How the caller wants to be told in this clinic."""

    tags = ["notifications"]
    needs = {"retrieve": "notification.view", "update": "notification.view", "partial_update": "notification.view"}
    queryset = Preference.objects.none()
    serializer_class = PreferenceOutput

    @extend_schema(summary="Channels, quiet hours and declined kinds of the caller", responses={200: PreferenceOutput})
    def retrieve(self, request: Request) -> Response:
        return self.answer(preference_for(self.member), PreferenceOutput)

    @extend_schema(
        summary="Say them anew",
        request=PreferenceInput,
        responses={200: PreferenceOutput},
    )
    def update(self, request: Request) -> Response:
        usual = {"channels": [], "declined": [], "quiet_from": None, "quiet_until": None}
        return self._prefer({**usual, **self.parsed(PreferenceInput)})

    @extend_schema(summary="Change some of them", request=PreferenceInput, responses={200: PreferenceOutput})
    def partial_update(self, request: Request) -> Response:
        return self._prefer(self.parsed(PreferenceInput))

    def _prefer(self, asked: dict[str, Any]) -> Response:
        self.fresh(preference_for(self.member))
        return self.answer(prefer(by=self.member, **asked), PreferenceOutput)


class NoticeViewSet(_Ledger, PlatformViewSet):
    """What the caller was told about their account, whichever clinic they are in."""

    tags = ["notifications"]
    needs = {"list": SIGNED_IN}
    queryset = Notice.objects.none()
    serializer_class = NotificationOutput

    @extend_schema(summary="Security notices of the caller's account, newest first")
    def list(self, request: Request) -> Response:
        rows = Notice.objects.of_person(request.auth.user_id).for_page()
        return self.page(rows, NotificationOutput, self.prepare)


class DeviceViewSet(PlatformViewSet):
    """Browsers that take web push for the caller."""

    tags = ["notifications"]
    needs = {"key": OPEN, "list": SIGNED_IN, "create": SIGNED_IN, "forget": SIGNED_IN}
    queryset = PushDevice.objects.none()
    serializer_class = shapes.DeviceOutput

    @extend_schema(summary="The key with which a browser subscribes", responses={200: shapes.PushKeyOutput})
    def key(self, request: Request) -> Response:
        own = settings.VAPID_PRIVATE_KEY
        return Response({"public_key": public_key(Push(own).key) if own else None})

    @extend_schema(summary="The caller's browsers, newest first")
    def list(self, request: Request) -> Response:
        return self.page(PushDevice.objects.filter(user=request.auth.user_id), shapes.DeviceOutput)

    @extend_schema(summary="Add this browser", request=shapes.DeviceInput, responses={201: shapes.DeviceOutput})
    def create(self, request: Request) -> Response:
        row = devices.add_device(user_id=request.auth.user_id, **self.parsed(shapes.DeviceInput))
        return self.answer(row, shapes.DeviceOutput, status=201)

    @extend_schema(
        summary="Forget this browser; one that is not there is forgotten already",
        request=shapes.DeviceRemoval,
        responses=NO_BODY,
    )
    def forget(self, request: Request) -> Response:
        devices.remove_device(user_id=request.auth.user_id, endpoint=self.parsed(shapes.DeviceRemoval)["endpoint"])
        return Response(status=204)
