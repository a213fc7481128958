"""How does the desk find, enter and correct charts? Searches are POSTs: what is searched for stays out of addresses."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.views import ClinicViewSet
from patients.glass import seeing
from patients.models import Patient
from patients.serializers import PatientChangeInput, PatientInput, PatientOutput, PatientSearchInput
from patients.services import charts


class PatientViewSet(ClinicViewSet):
    tags = ("patients",)
    page_ordering: tuple[str, ...] = ("-id",)
    queryset = Patient.objects.none()
    needs = {
        "list": "patient.view",
        "retrieve": "patient.view",
        "search": "patient.view",
        "create": "patient.enter",
        "partial_update": "patient.enter",
    }

    @extend_schema(responses={200: PatientOutput(many=True)})
    def list(self, request: Any, **kwargs: Any) -> Response:
        return self.page(self._visible().living(), PatientOutput, prepare=warm)

    @extend_schema(responses={200: PatientOutput})
    def retrieve(self, request: Any, patient_id: Any) -> Response:
        return self.answer(self._one(patient_id), PatientOutput)

    @extend_schema(request=PatientInput, responses={201: PatientOutput})
    def create(self, request: Any) -> Response:
        patient = charts.enter_patient(by=self.member, **self.parsed(PatientInput))
        return self.answer(patient, PatientOutput, status=201)

    @extend_schema(request=PatientChangeInput, responses={200: PatientOutput})
    def partial_update(self, request: Any, patient_id: Any) -> Response:
        patient = self._one(patient_id)
        changes = self.parsed(PatientChangeInput)
        self.fresh(patient)
        return self.answer(charts.change_patient(patient=patient, by=self.member, **changes), PatientOutput)

    @extend_schema(request=PatientSearchInput, responses={200: PatientOutput(many=True)})
    def search(self, request: Any) -> Response:
        """By name (how its words begin, best fit first), or an exact number or contact. `next` takes the same body."""
        asked = self.parsed(PatientSearchInput)
        rows = self._visible().living()
        for name, value in asked.items():
            rows = rows.found_by(name, value)
        if "name" in asked:
            self.page_ordering = ("-place",)
        return self.page(rows, PatientOutput, prepare=warm)

    def _visible(self) -> Any:
        return Patient.objects.visible_to(self.member, self.needs[self.action])

    def _one(self, patient_id: Any) -> Patient:
        found = self._visible().filter(pk=patient_id).first()
        if found is None:
            raise NotFound
        seeing.note(found, self.member)
        return found
