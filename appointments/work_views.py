"""How is the work of an appointment's kind seen and done over REST: instructions, stations, orders, follow-ups?"""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.answering import AppointmentViews
from appointments.models import Appointment, FollowUp, ServiceOrder
from appointments.services import follow_ups, instructions, orders, stations
from appointments.work_shapes import (
    FollowUpOutput,
    FollowUpQuery,
    InstructionOutput,
    OrderOutput,
    ReportInput,
    StationOutput,
    unpaged,
)
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing


class WorkViewSet(AppointmentViews):
    tags = ("appointments",)
    needs = {
        "instructions": "instruction.view",
        "tick": "instruction.view",
        "stations": "instruction.view",
        "station_start": "station.run",
        "station_finish": "station.run",
        "station_skip": "station.run",
        "order": "order.view",
        "collect": "order.run",
        "report": "order.run",
    }

    @extend_schema(responses={200: InstructionOutput(many=True)})
    def instructions(self, request: Any, appointment_id: UUID) -> Response:
        """What to do before and after, by time."""
        return self._few(self._one(appointment_id).instructions.all(), InstructionOutput)

    @extend_schema(request=Nothing, responses={200: InstructionOutput})
    def tick(self, request: Any, appointment_id: UUID, instruction_id: UUID) -> Response:
        """Done."""
        self.parsed(Nothing)
        row, by = self._one(appointment_id), self.member.user_id
        done = instructions.tick(appointment=row, instruction_id=instruction_id, by=by, now=timezone.now())
        return self.answer(done, InstructionOutput)

    @extend_schema(responses={200: StationOutput(many=True)})
    def stations(self, request: Any, appointment_id: UUID) -> Response:
        """Of a check-up, in order."""
        return self._few(self._one(appointment_id).stations.all(), StationOutput)

    @extend_schema(request=Nothing, responses={200: StationOutput})
    def station_start(self, request: Any, appointment_id: UUID, station_id: UUID) -> Response:
        return self._pass(appointment_id, station_id, "start")

    @extend_schema(request=Nothing, responses={200: StationOutput})
    def station_finish(self, request: Any, appointment_id: UUID, station_id: UUID) -> Response:
        return self._pass(appointment_id, station_id, "finish")

    @extend_schema(request=Nothing, responses={200: StationOutput})
    def station_skip(self, request: Any, appointment_id: UUID, station_id: UUID) -> Response:
        return self._pass(appointment_id, station_id, "skip")

    @extend_schema(responses={200: OrderOutput})
    def order(self, request: Any, appointment_id: UUID) -> Response:
        """To the laboratory or imaging, with its result once it is reported."""
        found = ServiceOrder.objects.select_related("appointment").filter(appointment=self._one(appointment_id)).first()
        if found is None:
            raise NotFound
        return self.answer(found, OrderOutput)

    @extend_schema(request=Nothing, responses={200: OrderOutput})
    def collect(self, request: Any, appointment_id: UUID) -> Response:
        """The specimen was taken."""
        self.parsed(Nothing)
        row = self._one(appointment_id)
        return self.answer(orders.collect(appointment=row, by=self.member.user_id, now=timezone.now()), OrderOutput)

    @extend_schema(request=ReportInput, responses={200: OrderOutput})
    def report(self, request: Any, appointment_id: UUID) -> Response:
        asked, row = self.parsed(ReportInput), self._one(appointment_id)
        done = orders.report(appointment=row, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(done, OrderOutput)

    def _pass(self, appointment_id: UUID, station_id: UUID, verb: str) -> Response:
        self.parsed(Nothing)
        who: dict[str, Any] = {"by": self.member.user_id, "now": timezone.now()}
        done = stations.pass_on(appointment=self._one(appointment_id), station_id=station_id, verb=verb, **who)
        return self.answer(done, StationOutput)

    def _few(self, rows: Any, output: Any) -> Response:
        self.paginator.get_page_size(self.request)  # the same refusals as on other lists
        return Response(unpaged(rows, output, context=self.get_serializer_context()))


class FollowUpViewSet(AppointmentViews):
    tags = ("appointments",)
    queryset = FollowUp.objects.none()
    page_ordering = ("due_on", "id")
    needs = {"list": "follow_up.view", "dismiss": "follow_up.manage"}

    @extend_schema(parameters=[FollowUpQuery], responses={200: FollowUpOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Who should come again, the most overdue first."""
        asked = self.asked(FollowUpQuery)
        rows = self._follow_ups()
        return self.page(rows.filter(state=asked["state"]) if "state" in asked else rows, FollowUpOutput)

    @extend_schema(request=Nothing, responses={200: FollowUpOutput})
    def dismiss(self, request: Any, follow_up_id: UUID) -> Response:
        """Nobody needs to come."""
        self.parsed(Nothing)
        if (row := self._follow_ups().filter(pk=follow_up_id).first()) is None:
            raise NotFound
        self.fresh(row)
        done = follow_ups.dismiss(follow_up=row, by=self.member.user_id, now=timezone.now())
        return self.answer(done, FollowUpOutput)

    def _follow_ups(self) -> Any:
        seen = Appointment.objects.visible_to(self.member, self.needs[self.action])
        return FollowUp.objects.filter(appointment__in=seen.values("pk"))
