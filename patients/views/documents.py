"""How do files come into a chart and out of it over REST? In by a form, out as a download that no browser runs."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.wire import FileRenderer
from patients.models import Document
from patients.sections import SECTIONS
from patients.serializers.documents import ChartDocumentInput, ChartDocumentOutput
from patients.services import consenting, documents, entries
from patients.views.chart import ChartViewSet

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store, private",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class DocumentViewSet(ChartViewSet):
    tags = ("documents",)
    queryset = Document.objects.none()
    section = SECTIONS["documents"]
    needs = {
        "list": "patient.read_documents",
        "create": "patient.add_documents",
        "retrieve": "patient.read_documents",
        "destroy": "patient.add_documents",
        "content": "patient.read_documents",
    }

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "POST" else super().get_parsers()

    def get_renderers(self) -> list[Any]:
        return [FileRenderer()] if self.action == "content" else super().get_renderers()

    @extend_schema(operation_id="documents_list", responses={200: ChartDocumentOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        return self.page(self._readable(patient_id), ChartDocumentOutput, prepare=warm)

    @extend_schema(
        operation_id="documents_add", request={"multipart/form-data": ChartDocumentInput}, responses={201: ChartDocumentOutput}
    )
    def create(self, request: Any, patient_id: UUID) -> Response:
        """Add a file. What it is, is told by its content; anything that could run is refused."""
        asked = self.parsed(ChartDocumentInput)
        patient = self.chart(patient_id)
        return self.answer(documents.add(patient=patient, by=self.member, **asked), ChartDocumentOutput, 201)

    @extend_schema(operation_id="documents_read", responses={200: ChartDocumentOutput})
    def retrieve(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        return self.answer(self._one(patient_id, row_id), ChartDocumentOutput)

    @extend_schema(operation_id="documents_withdraw", request=None, responses={204: None})
    def destroy(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        """Set it aside; the file is kept as long as the chart."""
        row = self._one(patient_id, row_id)
        self.fresh(row)
        entries.withdraw(row=row, section=self.section, by=self.member)
        return Response(status=204)

    @extend_schema(operation_id="documents_content", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def content(self, request: Any, patient_id: UUID, row_id: UUID) -> HttpResponse:
        """The file itself, as a download."""
        row = self._one(patient_id, row_id)
        headers = {**SAFE, "Content-Disposition": content_disposition_header(True, row.file_name) or "attachment"}
        return HttpResponse(documents.content_of(row), content_type=row.media_type, headers=headers)

    def _readable(self, patient_id: UUID) -> Any:
        rows = consenting.readable(section=self.section, patient=self.chart(patient_id), member=self.member)
        return rows.select_related("patient")

    def _one(self, patient_id: UUID, row_id: UUID) -> Document:
        if (found := self._readable(patient_id).filter(pk=row_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]
