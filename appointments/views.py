"""How is an appointment asked for, booked and moved along over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments import details
from appointments.filters import AppointmentQuery, narrow_appointments
from appointments.models import Appointment, Practitioner
from appointments.serializers import AppointmentOutput, BookInput, CancelInput, ChangeInput, RescheduleInput
from appointments.services import steps
from appointments.services.booking import book
from appointments.services.changing import change
from appointments.services.rescheduling import reschedule
from appointments.workflow import BY_VERB, STEPS
from healthcare.core.errors import Forbidden, NotFound, Refused
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

NO_BODY: Any = {204: None}
ONE = {200: AppointmentOutput}


class PatientNeeded(Refused):
    code = "patient_required"
    detail = "Say for which patient: `patient` is missing."


class AppointmentViewSet(ClinicViewSet):
    tags = ("appointments",)
    queryset = Appointment.objects.none()
    page_ordering = ("-starts_at", "-id")
    needs = {
        "list": "appointment.view",
        "mine": "appointment.view",
        "retrieve": "appointment.view",
        "create": BY_VERB["book"].permission,
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

    @extend_schema(request=BookInput, responses={201: AppointmentOutput})
    def create(self, request: Any) -> Response:
        """Book. A refusal (409) names every reason and up to five alternatives."""
        asked = self.parsed(BookInput)
        self._may_press(asked["priority"] != "normal")
        patient, doctor = self._patient(asked.pop("patient", None)), self._doctor(asked.pop("doctor"))
        row = book(patient=patient, practitioner=doctor, by=self.member.user_id, now=timezone.now(), **asked)
        return self._answer(row, status=201)

    @extend_schema(responses=ONE)
    def retrieve(self, request: Any, appointment_id: UUID) -> Response:
        return self._answer(self._one(appointment_id))

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

    # -- what they share -----------------------------------------------------------------------------------------------
    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "added": getattr(self, "added", {})}

    def _visible(self) -> Any:
        return Appointment.objects.visible_to(self.member, self.needs[self.action]).for_page()

    def _one(self, appointment_id: UUID) -> Appointment:
        if (found := self._visible().filter(pk=appointment_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _doctor(self, doctor_id: UUID) -> Practitioner:
        cards = Practitioner.objects.visible_to(self.member, "practitioner.view").with_place()
        if (found := cards.filter(pk=doctor_id).first()) is None:
            raise NotFound
        return found

    def _patient(self, patient_id: UUID | None) -> Patient:
        """The desk names one; who books for themself has one chart."""
        charts = Patient.objects.visible_to(self.member, self.need)
        if patient_id is None and self.member.may("patient.enter"):
            raise PatientNeeded
        own = charts.filter(user=self.member.user_id)
        found = own.first() if patient_id is None else charts.filter(pk=patient_id).first()
        if found is None:
            raise NotFound
        return found

    def _may_press(self, asked: bool) -> None:
        if asked and not self.member.may("appointment.set_priority"):
            raise Forbidden("The clinic decides how pressing an appointment is.")

    def _step(self, verb: Any, appointment_id: UUID) -> Response:
        self.parsed(Nothing)
        return self._verb(verb, appointment_id)

    def _verb(self, verb: Any, appointment_id: UUID, **more: Any) -> Response:
        row = self._one(appointment_id)
        self.fresh(row)
        version = row.version if "If-Match" in self.request.headers else None
        return self._answer(verb(appointment=row, by=self.member.user_id, now=timezone.now(), version=version, **more))

    def _answer(self, row: Appointment, status: int = 200) -> Response:
        self.added = details.load([row])
        return self.answer(row, AppointmentOutput, status=status)

    def _listed(self, rows: Any) -> Response:
        rows = narrow_appointments(rows, self.asked(AppointmentQuery), ZoneInfo(self.clinic.zone))
        return self.page(rows, AppointmentOutput, prepare=self._prepare)

    def _prepare(self, rows: Any) -> None:
        warm(rows)
        self.added = details.load(rows)
