"""What do the views about appointments share? Who and what is named, what the caller may see, one answer for each."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.response import Response

from appointments import details
from appointments.filters import AppointmentQuery, narrow_appointments
from appointments.models import Appointment, Practitioner
from appointments.serializers import AppointmentOutput
from healthcare.core.errors import Forbidden, NotFound, Refused
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.glass import seeing
from patients.models import Patient


class PatientNeeded(Refused):
    code = "patient_required"
    detail = "Say for which patient: `patient` is missing."


class AppointmentViews(ClinicViewSet):
    """Base of the view sets that answer appointments."""

    queryset = Appointment.objects.none()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "added": getattr(self, "added", {})}

    def _visible(self) -> Any:
        return Appointment.objects.visible_to(self.member, self.needs[self.action]).for_page()

    def _one(self, appointment_id: UUID) -> Appointment:
        if (found := self._visible().filter(pk=appointment_id).first()) is None:
            raise NotFound
        seeing.note(found.patient, self.member)
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

    def _chart(self, patient_id: UUID) -> Patient:
        """Whom the desk names. Raises NotFound."""
        if (found := Patient.objects.visible_to(self.member, "patient.view").filter(pk=patient_id).first()) is None:
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
