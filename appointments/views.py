"""How is an appointment asked for, booked and moved along over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.answering import AppointmentViews
from appointments.filters import AppointmentQuery
from appointments.serializers import (
    AppointmentOutput,
    BookInput,
    CancelInput,
    ChangeInput,
    DeferredOutput,
    HandOverInput,
    ReassignInput,
    ReplaceInput,
    RescheduleInput,
)
from appointments.services import steps
from appointments.services.changing import change
from appointments.services.handing_over import reassign, transfer
from appointments.services.rescheduling import reschedule
from appointments.services.strategies import Deferred, Strategy, book_by
from appointments.workflow import BY_VERB, STEPS
from healthcare.core.errors import Forbidden
from healthcare.core.shapes import Nothing

NO_BODY: Any = {204: None}
ONE = {200: AppointmentOutput}


class AppointmentViewSet(AppointmentViews):
    tags = ("appointments",)
    page_ordering = ("-starts_at", "-id")
    needs = {
        "list": "appointment.view",
        "mine": "appointment.view",
        "retrieve": "appointment.view",
        "create": BY_VERB["book"].permission,
        "update": "appointment.change",
        "partial_update": "appointment.change",
        "destroy": BY_VERB["cancel"].permission,
        **{step.verb: step.permission for step in STEPS if step.permission},
    }

    @extend_schema(parameters=[AppointmentQuery], responses={200: AppointmentOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Those the caller may see, the latest first."""
        return self._listed(self._visible())

    @extend_schema(parameters=[AppointmentQuery], responses={200: AppointmentOutput(many=True)})
    def mine(self, request: Any) -> Response:
        """Those the caller takes part in, as the patient or the practitioner."""
        return self._listed(self._visible().of_person(self.member.user_id))

    @extend_schema(request=BookInput, responses={201: AppointmentOutput, 202: DeferredOutput})
    def create(self, request: Any) -> Response:
        """Book. A refusal (409) names every reason and up to five alternatives. By `strategy` a taken time can also lead to an
        entry of the waitlist, or to an override that somebody must approve (202)."""
        asked = self.parsed(BookInput)
        self._may_press(asked["priority"] != "normal")
        if "overbook" in asked and not self.member.may("appointment.overbook"):
            raise Forbidden("Your role does not book above capacity.")
        patient, doctor = self._patient(asked.pop("patient", None)), self._doctor(asked.pop("doctor"))
        if asked["strategy"] == Strategy.OVERRIDE and not self.member.may("appointment.ask_override"):
            raise Forbidden("Your role does not ask others to make room.")
        strategy = Strategy(asked.pop("strategy"))
        who = {"patient": patient, "practitioner": doctor, "by": self.member.user_id}
        done = book_by(strategy=strategy, now=timezone.now(), **who, **asked)
        if isinstance(done, Deferred):
            return Response(DeferredOutput(done).data, status=202)
        return self._answer(done, status=201)

    @extend_schema(responses=ONE)
    def retrieve(self, request: Any, appointment_id: UUID) -> Response:
        return self._answer(self._one(appointment_id))

    @extend_schema(request=ReplaceInput, responses=ONE)
    def update(self, request: Any, appointment_id: UUID) -> Response:
        """The reason and the priority, both; the time moves by `reschedule`."""
        asked = self.parsed(ReplaceInput)
        self._may_press(asked["priority"] != self._one(appointment_id).priority)
        return self._verb(change, appointment_id, **asked)

    @extend_schema(request=ChangeInput, responses=ONE)
    def partial_update(self, request: Any, appointment_id: UUID) -> Response:
        """Correct the reason or the priority; the time moves by `reschedule`."""
        asked = self.parsed(ChangeInput)
        self._may_press("priority" in asked)
        return self._verb(change, appointment_id, **asked)

    @extend_schema(request=None, responses=NO_BODY)
    def destroy(self, request: Any, appointment_id: UUID) -> Response:
        """Cancel without a reason; the row and its history stay."""
        self._verb(steps.cancel, appointment_id)
        return Response(status=204)

    @extend_schema(request=CancelInput, responses=ONE)
    def cancel(self, request: Any, appointment_id: UUID) -> Response:
        return self._verb(steps.cancel, appointment_id, **self.parsed(CancelInput))

    @extend_schema(request=RescheduleInput, responses=ONE)
    def reschedule(self, request: Any, appointment_id: UUID) -> Response:
        """Move to another time, with another doctor if named; id and history stay. Refused as booking is."""
        asked = self.parsed(RescheduleInput)
        to = self._doctor(asked["doctor"]) if "doctor" in asked else None
        return self._verb(reschedule, appointment_id, starts_at=asked["starts_at"], practitioner=to)

    @extend_schema(request=ReassignInput, responses=ONE)
    def reassign(self, request: Any, appointment_id: UUID) -> Response:
        """Same time, another doctor; id and history stay. Refused as booking is."""
        return self._verb(reassign, appointment_id, practitioner=self._doctor(self.parsed(ReassignInput)["doctor"]))

    @extend_schema(request=HandOverInput, responses=ONE)
    def transfer(self, request: Any, appointment_id: UUID) -> Response:
        """Somebody else takes over, also once the patient is here: this one ends `transferred`, the answer is its successor."""
        asked = self.parsed(HandOverInput)
        return self._verb(transfer, appointment_id, practitioner=self._doctor(asked.pop("doctor")), **asked)

    @extend_schema(request=Nothing, responses=ONE)
    def confirm(self, request: Any, appointment_id: UUID) -> Response:
        """The patient says that they will come."""
        return self._step(steps.confirm, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def check_in(self, request: Any, appointment_id: UUID) -> Response:
        """The patient is here, from 60 minutes before the start; the answer has their `token`."""
        return self._step(steps.check_in, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def start(self, request: Any, appointment_id: UUID) -> Response:
        return self._step(steps.start, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def hold(self, request: Any, appointment_id: UUID) -> Response:
        return self._step(steps.hold, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def resume(self, request: Any, appointment_id: UUID) -> Response:
        return self._step(steps.resume, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def complete(self, request: Any, appointment_id: UUID) -> Response:
        return self._step(steps.complete, appointment_id)

    @extend_schema(request=Nothing, responses=ONE)
    def no_show(self, request: Any, appointment_id: UUID) -> Response:
        return self._step(steps.no_show, appointment_id)
