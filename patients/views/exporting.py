"""How does a person get their whole record? As data or on paper."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.wire import FileRenderer
from patients.models import Patient
from patients.services import exporting
from patients.views.chart import ChartViewSet
from patients.views.documents import SAFE


class ExportViewSet(ChartViewSet):
    tags = ("rights",)
    queryset = Patient.objects.none()
    needs = {"data": "patient.export", "paper": "patient.export"}

    def get_renderers(self) -> list[Any]:
        return [FileRenderer()] if self.action == "paper" else super().get_renderers()

    @extend_schema(operation_id="patients_export", responses={200: OpenApiTypes.OBJECT})
    def data(self, request: Any, patient_id: UUID) -> Response:
        """Everything the clinic holds of the person, as JSON; `who_saw_it` names the log of accesses."""
        return Response(self._record(patient_id, "json"), headers={"Cache-Control": "no-store, private"})

    @extend_schema(operation_id="patients_export_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def paper(self, request: Any, patient_id: UUID) -> HttpResponse:
        """The same, to read and to print."""
        from patients.services.paper import as_pdf  # its library is large: loaded by who prints, not by every process

        content = as_pdf(self._record(patient_id, "pdf"))
        headers = {**SAFE, "Content-Disposition": 'attachment; filename="health-record.pdf"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)

    def _record(self, patient_id: UUID, form: str) -> dict[str, Any]:
        return exporting.export(patient=self.chart(patient_id), by=self.member, now=timezone.now(), form=form)
