"""How do appointments get into people's calendars over REST?"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.calendars import entries
from appointments.calendars.models import CalendarFeed, CalendarTarget
from appointments.calendars.rendering import Always, CalendarRenderer, answered
from appointments.calendars.serializers import (
    CalendarFeedInput,
    CalendarFeedOpenedOutput,
    CalendarFeedOutput,
    TargetInput,
    TargetOutput,
)
from appointments.calendars.services import feeds, targets
from appointments.models import Appointment, Practitioner
from healthcare.core.errors import NotFound
from healthcare.core.tenancy import find_clinic, in_clinic
from healthcare.core.views import OPEN, ClinicViewSet, PlatformViewSet

ICS: Any = {(200, "text/calendar"): OpenApiTypes.STR, 304: None}
WRITTEN = [CalendarRenderer]


class FeedViewSet(ClinicViewSet):
    """A person's own addresses."""

    tags = ("calendars",)
    queryset = CalendarFeed.objects.none()
    needs = {"list": "calendar.feed", "create": "calendar.feed", "destroy": "calendar.feed"}

    @extend_schema(responses={200: CalendarFeedOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(CalendarFeed.objects.of_person(self.member.user_id), CalendarFeedOutput)

    @extend_schema(request=CalendarFeedInput, responses={201: CalendarFeedOpenedOutput})
    def create(self, request: Any) -> Response:
        """A private address that a calendar may read; its texts say neither kind nor reason nor names."""
        made = feeds.open_feed(by=self.member.user_id, now=timezone.now(), **self.parsed(CalendarFeedInput))
        url = f"{settings.BASE_URL.rstrip('/')}/calendar/{made.token}.ics"
        return Response(CalendarFeedOpenedOutput(made.feed, context={"url": url}).data, status=201)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Any, feed_id: UUID) -> Response:
        """Take an address back: whoever has it finds nothing."""
        row = CalendarFeed.objects.of_person(self.member.user_id).filter(pk=feed_id).first()
        if row is None:
            raise NotFound
        feeds.close_feed(feed=row, by=self.member.user_id, now=timezone.now())
        return Response(status=204)


class TargetViewSet(ClinicViewSet):
    """The calendar elsewhere of the practitioner who asks."""

    tags = ("calendars",)
    queryset = CalendarTarget.objects.none()
    needs = {"retrieve": "calendar.sync", "update": "calendar.sync", "destroy": "calendar.sync"}

    @extend_schema(responses={200: TargetOutput})
    def retrieve(self, request: Any) -> Response:
        """Where it is, and how the last push went."""
        return self.answer(self._own(), TargetOutput)

    @extend_schema(request=TargetInput, responses={200: TargetOutput})
    def update(self, request: Any) -> Response:
        """Copy one's appointments to a calendar elsewhere, from now on (`bad_target` for an address that may not be called)."""
        card = Practitioner.objects.filter(user=self.member.user_id).first()
        if card is None:
            raise NotFound
        asked, known = self.parsed(TargetInput), CalendarTarget.objects.filter(practitioner=card).first()
        if known is not None:
            self.fresh(known)
        row = targets.set_target(practitioner=card, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(row, TargetOutput)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Any) -> Response:
        """Copy nothing any more; what stands there stays."""
        row = self._own()
        self.fresh(row)
        targets.remove_target(target=row, by=self.member.user_id, now=timezone.now())
        return Response(status=204)

    def _own(self) -> CalendarTarget:
        if (found := CalendarTarget.objects.filter(practitioner__user=self.member.user_id).first()) is None:
            raise NotFound
        return found


class FileViewSet(ClinicViewSet):
    """One appointment as a file."""

    tags = ("calendars",)
    queryset = Appointment.objects.none()
    needs = {"retrieve": "appointment.view"}
    renderer_classes = WRITTEN
    content_negotiation_class = Always

    @extend_schema(responses=ICS)
    def retrieve(self, request: Any, appointment_id: UUID) -> Response:
        """To open in a calendar; `If-None-Match` is honoured. A later one with the same UID moves or removes it."""
        rows = Appointment.objects.visible_to(self.member, "appointment.view")
        if (row := rows.filter(pk=appointment_id).first()) is None:
            raise NotFound
        last = row.transitions.order_by("-at").values_list("at", flat=True).first()
        body = entries.calendar([entries.discreet(row, stamp=last or row.created_at)])
        return answered(request, body, "appointment.ics")


class SubscriptionViewSet(ClinicViewSet):
    """What a calendar outside reads. It has no account: the address is the secret, and says which clinic it is of."""

    tags = ("calendars",)
    queryset = CalendarFeed.objects.none()
    needs = {"retrieve": OPEN}
    renderer_classes = WRITTEN
    content_negotiation_class = Always

    def enter(self, request: Any) -> None:
        PlatformViewSet.enter(self, request)

    @extend_schema(responses=ICS)
    def retrieve(self, request: Any, token: str) -> Response:
        clinic_id = feeds.clinic_in(token)
        clinic = find_clinic(clinic_id) if clinic_id else None
        if clinic is None:
            raise NotFound
        with in_clinic(clinic):
            return answered(request, feeds.read(token=token, now=timezone.now()), "appointments.ics")
