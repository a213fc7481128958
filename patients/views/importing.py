"""How is an import begun and followed over REST? The file is looked at at once; a job does the rows."""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.jobs import enqueue
from healthcare.core.views import ClinicViewSet
from patients.importing import running
from patients.models import ImportedRow, ImportRun
from patients.serializers.importing import ImportedRowOutput, ImportedRowQuery, ImportInput, ImportRunOutput


class ImportViewSet(ClinicViewSet):
    tags = ("imports",)
    queryset = ImportRun.objects.none()
    page_ordering: tuple[str, ...] = ("-id",)
    needs = dict.fromkeys(("list", "create", "retrieve", "rows"), "patient.import")

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.request is None or self.request.method == "POST" else super().get_parsers()

    @extend_schema(operation_id="imports_list", responses={200: ImportRunOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(ImportRun.objects.all(), ImportRunOutput)

    @extend_schema(operation_id="imports_start", request={"multipart/form-data": ImportInput}, responses={202: ImportRunOutput})
    def create(self, request: Any) -> Response:
        """Send a CSV or a FHIR R4 bundle, dry first. The same file again answers the run there is."""
        asked = self.parsed(ImportInput)
        with transaction.atomic():
            run = running.start(form=asked["format"], content=asked["file"].read(), is_dry=asked["dry_run"], by=self.member)
            enqueue("patients.import", key=f"patients.import:{run.pk}:{run.cursor}", run_id=run.pk)
        return self.answer(run, ImportRunOutput, status=202)

    @extend_schema(operation_id="imports_read", responses={200: ImportRunOutput})
    def retrieve(self, request: Any, run_id: UUID) -> Response:
        return self.answer(self._one(run_id), ImportRunOutput)

    @extend_schema(operation_id="imports_rows", parameters=[ImportedRowQuery], responses={200: ImportedRowOutput(many=True)})
    def rows(self, request: Any, run_id: UUID) -> Response:
        """The report, row by row."""
        self.page_ordering = ("number",)
        return self.page(ImportedRow.objects.filter(run=self._one(run_id), **self.asked(ImportedRowQuery)), ImportedRowOutput)

    def _one(self, run_id: UUID) -> ImportRun:
        if (found := ImportRun.objects.filter(pk=run_id).first()) is None:
            raise NotFound
        return found
