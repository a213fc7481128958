"""How are charts joined, parted, linked to an account, held and erased over REST?"""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from patients.models import Erasure, LegalHold, Merge
from patients.serializers import PatientOutput
from patients.serializers.joining import (
    ErasureInput,
    ErasureOutput,
    LegalHoldInput,
    LegalHoldOutput,
    LinkInput,
    MergeInput,
    MergeOutput,
)
from patients.services import erasing, holding, merging
from patients.views.chart import ChartViewSet


class MergeViewSet(ChartViewSet):
    tags = ("charts",)
    queryset = Merge.objects.none()
    needs = {"list": "patient.merge", "create": "patient.merge", "undo": "patient.merge", "link": "patient.link"}

    @extend_schema(operation_id="merges_list", responses={200: MergeOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        """What became part of this chart."""
        return self.page(Merge.objects.filter(target=self.chart(patient_id)), MergeOutput, prepare=warm)

    @extend_schema(operation_id="merges_make", request=MergeInput, responses={201: MergeOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        """Make another chart part of this one: entries, documents, consents, appointments, messages follow."""
        target, asked = self.chart(patient_id), self.parsed(MergeInput)
        source = self.chart(asked["source"])
        row = merging.merge(source=source, target=target, reason=asked["reason"], by=self.member, now=timezone.now())
        return self.answer(row, MergeOutput, status=201)

    @extend_schema(operation_id="merges_undo", request=Nothing, responses={200: MergeOutput})
    def undo(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        """Make two charts of it again; what was entered since stays here."""
        self.parsed(Nothing)
        row = Merge.objects.filter(target=self.chart(patient_id), pk=row_id).first()
        if row is None:
            raise NotFound
        return self.answer(merging.undo(merge=row, by=self.member, now=timezone.now()), MergeOutput)

    @extend_schema(operation_id="patients_link", request=LinkInput, responses={200: PatientOutput})
    def link(self, request: Any, patient_id: UUID) -> Response:
        """Link an account to this chart: the account's proven contact must be the chart's, and the desk confirms."""
        patient, asked = self.chart(patient_id), self.parsed(LinkInput)
        patient = merging.link(patient=patient, account=self.chart(asked["account"]), by=self.member, now=timezone.now())
        return self.answer(patient, PatientOutput)


class ErasureViewSet(ChartViewSet):
    tags = ("rights",)
    queryset = Erasure.objects.none()
    needs = {"list": "erasure.ask", "create": "erasure.ask", "destroy": "erasure.ask", "confirm": "erasure.confirm"}

    @extend_schema(operation_id="erasures_list", responses={200: ErasureOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        return self.page(Erasure.objects.filter(patient=self.chart(patient_id)), ErasureOutput)

    @extend_schema(operation_id="erasures_ask", request=ErasureInput, responses={201: ErasureOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        """The first of two steps. Refused (409) with every reason: a legal hold, retention, appointments ahead."""
        patient, asked = self.chart(patient_id), self.parsed(ErasureInput)
        return self.answer(erasing.ask(patient=patient, by=self.member, now=timezone.now(), **asked), ErasureOutput, 201)

    @extend_schema(operation_id="erasures_cancel", request=None, responses={204: None})
    def destroy(self, request: Any, patient_id: UUID) -> Response:
        erasing.cancel(patient=self.chart(patient_id), now=timezone.now())
        return Response(status=204)

    @extend_schema(operation_id="erasures_confirm", request=Nothing, responses={200: ErasureOutput})
    def confirm(self, request: Any, patient_id: UUID) -> Response:
        """The second step, by somebody else. It can't be undone: the key is destroyed, old backups can't be read either."""
        self.parsed(Nothing)
        row = erasing.confirm(patient=self.chart(patient_id), by=self.member, now=timezone.now())
        return self.answer(row, ErasureOutput)


class HoldViewSet(ChartViewSet):
    tags = ("rights",)
    queryset = LegalHold.objects.none()
    needs = {"list": "erasure.hold", "create": "erasure.hold", "destroy": "erasure.hold"}

    @extend_schema(operation_id="holds_list", responses={200: LegalHoldOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        return self.page(LegalHold.objects.filter(patient=self.chart(patient_id)), LegalHoldOutput)

    @extend_schema(operation_id="holds_place", request=LegalHoldInput, responses={201: LegalHoldOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        """While it stands, the chart can't be erased, whatever the basis."""
        patient, asked = self.chart(patient_id), self.parsed(LegalHoldInput)
        return self.answer(holding.place(patient=patient, by=self.member, **asked), LegalHoldOutput, status=201)

    @extend_schema(operation_id="holds_lift", request=None, responses={204: None})
    def destroy(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        row = LegalHold.objects.filter(patient=self.chart(patient_id), pk=row_id).first()
        if row is None:
            raise NotFound
        holding.lift(hold=row, by=self.member, now=timezone.now())
        return Response(status=204)
