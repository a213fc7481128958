"""How do appointments make room over REST: for a leave (shown first, taken, undone) and for an emergency (asked, decided)?"""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.answering import AppointmentViews
from appointments.models import Leave, Override
from appointments.room_shapes import (
    LeaveBrief,
    LeaveInput,
    LeaveOutput,
    LeavePreviewInput,
    LeavePreviewOutput,
    OverrideInput,
    OverrideOutput,
)
from appointments.services import leaves, overriding
from appointments.services.leaves import Hit
from appointments.slots import Interval
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing


class LeaveViewSet(AppointmentViews):
    tags = ("leave",)
    queryset = Leave.objects.none()
    page_ordering = ("-id",)
    needs = dict.fromkeys(("list", "retrieve", "create", "preview", "undo"), "leave.manage")

    @extend_schema(responses={200: LeaveBrief(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(self._leaves(), LeaveBrief)

    @extend_schema(request=LeavePreviewInput, responses={200: LeavePreviewOutput})
    def preview(self, request: Any) -> Response:
        """Who would be hit, and what would become of each; changes nothing."""
        asked = self.parsed(LeavePreviewInput)
        doctor, during = self._doctor(asked["doctor"]), Interval(asked["starts_at"], asked["ends_at"])
        hits = leaves.preview(practitioner=doctor, during=during, now=timezone.now())
        return Response({"hits": [_shown(hit) for hit in hits]})

    @extend_schema(request=LeaveInput, responses={201: LeaveOutput})
    def create(self, request: Any) -> Response:
        """Enter the leave and move whom it hits; each patient is told."""
        asked = self.parsed(LeaveInput)
        doctor, during = self._doctor(asked["doctor"]), Interval(asked["starts_at"], asked["ends_at"])
        who = {"practitioner": doctor, "during": during, "by": self.member.user_id, "now": timezone.now()}
        return self.answer(leaves.take(cancel_unplaced=asked["cancel_unplaced"], **who), LeaveOutput, status=201)

    @extend_schema(responses={200: LeaveOutput})
    def retrieve(self, request: Any, leave_id: UUID) -> Response:
        return self.answer(self._leave(leave_id), LeaveOutput)

    @extend_schema(request=Nothing, responses={200: LeaveOutput})
    def undo(self, request: Any, leave_id: UUID) -> Response:
        """The doctor is there after all; whom it moved returns where nothing has changed since."""
        self.parsed(Nothing)
        row = self._leave(leave_id)
        self.fresh(row)
        return self.answer(leaves.undo(leave=row, by=self.member.user_id, now=timezone.now()), LeaveOutput)

    def _leaves(self) -> Any:
        return Leave.objects.visible_to(self.member, "leave.manage").select_related("practitioner", "exception")

    def _leave(self, leave_id: UUID) -> Leave:
        if (found := self._leaves().filter(pk=leave_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


class OverrideViewSet(AppointmentViews):
    tags = ("appointments",)
    queryset = Override.objects.none()
    page_ordering = ("-id",)
    needs = {
        "list": "appointment.ask_override",
        "retrieve": "appointment.ask_override",
        "create": "appointment.ask_override",
        "approve": "appointment.override",
        "decline": "appointment.override",
    }

    @extend_schema(responses={200: OverrideOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(self._overrides(), OverrideOutput)

    @extend_schema(request=OverrideInput, responses={201: OverrideOutput})
    def create(self, request: Any) -> Response:
        """Ask that less pressing appointments make room for an emergency; who may decide approves or declines."""
        asked = self.parsed(OverrideInput)
        patient, doctor = self._chart(asked.pop("patient")), self._doctor(asked.pop("doctor"))
        row = overriding.ask(patient=patient, practitioner=doctor, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(row, OverrideOutput, status=201)

    @extend_schema(responses={200: OverrideOutput})
    def retrieve(self, request: Any, override_id: UUID) -> Response:
        return self.answer(self._override(override_id), OverrideOutput)

    @extend_schema(request=Nothing, responses={200: OverrideOutput})
    def approve(self, request: Any, override_id: UUID) -> Response:
        """Others move to their nearest times and are told; the emergency is booked."""
        return self._decided(overriding.approve, override_id)

    @extend_schema(request=Nothing, responses={200: OverrideOutput})
    def decline(self, request: Any, override_id: UUID) -> Response:
        return self._decided(overriding.decline, override_id)

    def _decided(self, verb: Any, override_id: UUID) -> Response:
        self.parsed(Nothing)
        row = self._override(override_id)
        self.fresh(row)
        return self.answer(verb(override=row, by=self.member.user_id, now=timezone.now()), OverrideOutput)

    def _overrides(self) -> Any:
        return Override.objects.visible_to(self.member, self.needs[self.action]).select_related("practitioner")

    def _override(self, override_id: UUID) -> Override:
        if (found := self._overrides().filter(pk=override_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


def _shown(hit: Hit) -> dict[str, Any]:
    place = hit.place
    went = {"doctor": None, "starts_at": None} if place is None else {
        "doctor": str(place.slot.practitioner).partition(":")[2], "starts_at": place.slot.starts_at.isoformat()
    }  # fmt: skip
    row = hit.appointment
    return {"appointment": str(row.pk), "outcome": str(hit.outcome), "was_at": row.starts_at.isoformat(), **went}
