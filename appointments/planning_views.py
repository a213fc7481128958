"""How are series and group sessions planned over REST?"""

from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.answering import AppointmentViews
from appointments.models import GroupSession, Series
from appointments.planning_shapes import (
    EndInput,
    GroupInput,
    GroupSessionOutput,
    JoinInput,
    SeriesBrief,
    SeriesInput,
    SeriesOutput,
)
from appointments.serializers import AppointmentOutput, CancelInput
from appointments.services import groups, series
from appointments.workflow import HOLDS_TIME
from healthcare.core.errors import NotFound


class SeriesViewSet(AppointmentViews):
    tags = ("appointments",)
    queryset = Series.objects.none()
    page_ordering = ("-id",)
    needs = {
        "list": "appointment.view",
        "retrieve": "appointment.view",
        "create": "appointment.book",
        "end": "appointment.change",
    }

    @extend_schema(responses={200: SeriesBrief(many=True)})
    def list(self, request: Any) -> Response:
        """Those the caller may see, the newest first."""
        return self.page(self._series(), SeriesBrief)

    @extend_schema(request=SeriesInput, responses={201: SeriesOutput})
    def create(self, request: Any) -> Response:
        """Book what comes again by a rule, as far ahead as bookings are open; the rest follows as time goes on."""
        asked = self.parsed(SeriesInput)
        patient, doctor = self._patient(asked.pop("patient", None)), self._doctor(asked.pop("doctor"))
        skips = asked.pop("skip")
        who = {"patient": patient, "practitioner": doctor, "by": self.member.user_id}
        row, _ = series.create(now=timezone.now(), skips=skips, **who, **asked)
        return self.answer(self._of(row.pk), SeriesOutput, status=201)

    @extend_schema(responses={200: SeriesOutput})
    def retrieve(self, request: Any, series_id: UUID) -> Response:
        return self.answer(self._of(series_id), SeriesOutput)

    @extend_schema(request=EndInput, responses={200: SeriesOutput})
    def end(self, request: Any, series_id: UUID) -> Response:
        """No more of it: what is ahead is cancelled, what was stays."""
        asked = self.parsed(EndInput)
        row = self._of(series_id)
        self.fresh(row)
        series.end(series=row, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(self._of(series_id), SeriesOutput)

    def _series(self) -> Any:
        return Series.objects.visible_to(self.member, self.needs[self.action]).select_related("practitioner")

    def _of(self, series_id: UUID) -> Series:
        if (found := self._series().filter(pk=series_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


class GroupViewSet(AppointmentViews):
    tags = ("appointments",)
    queryset = GroupSession.objects.none()
    page_ordering = ("starts_at", "id")
    needs = {
        "list": "group.view",
        "retrieve": "group.view",
        "create": "group.manage",
        "call_off": "group.manage",
        "join": "appointment.book",
    }

    @extend_schema(responses={200: GroupSessionOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Those ahead, the next first."""
        return self.page(self._groups().filter(is_cancelled=False, starts_at__gt=timezone.now()), GroupSessionOutput)

    @extend_schema(request=GroupInput, responses={201: GroupSessionOutput})
    def create(self, request: Any) -> Response:
        """Plan a session that several patients share; refused as booking is."""
        asked = self.parsed(GroupInput)
        doctor = self._doctor(asked.pop("doctor"))
        row = groups.plan(practitioner=doctor, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(self._group(row.pk), GroupSessionOutput, status=201)

    @extend_schema(responses={200: GroupSessionOutput})
    def retrieve(self, request: Any, group_id: UUID) -> Response:
        return self.answer(self._group(group_id), GroupSessionOutput)

    @extend_schema(request=JoinInput, responses={201: AppointmentOutput})
    def join(self, request: Any, group_id: UUID) -> Response:
        """A seat for a patient: an appointment like others."""
        asked = self.parsed(JoinInput)
        patient, group = self._patient(asked.pop("patient", None)), self._group(group_id)
        row = groups.join(group=group, patient=patient, by=self.member.user_id, now=timezone.now(), **asked)
        return self._answer(row, status=201)

    @extend_schema(request=CancelInput, responses={200: GroupSessionOutput})
    def call_off(self, request: Any, group_id: UUID) -> Response:
        """It will not take place; every patient's appointment is cancelled, and they are told."""
        asked, group = self.parsed(CancelInput), self._group(group_id)
        self.fresh(group)
        groups.call_off(group=group, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(self._group(group_id), GroupSessionOutput)

    def _groups(self) -> Any:
        seated = Count("appointments", filter=Q(appointments__state__in=HOLDS_TIME))
        return GroupSession.objects.select_related("practitioner").annotate(free=F("seats") - seated)

    def _group(self, group_id: UUID) -> GroupSession:
        if (found := self._groups().filter(pk=group_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]
