"""How are consents, guardians and wishes for correction read and recorded? By the patient, who acts for them, and the desk."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from patients.models import Amendment, Consent, FormerVersion, Guardianship, Patient
from patients.purposes import PURPOSES
from patients.sections import SECTIONS
from patients.serializers.agreeing import (
    AmendmentAnswerInput,
    AmendmentInput,
    AmendmentOutput,
    ConsentInput,
    ConsentOutput,
    GuardianInput,
    GuardianOutput,
    StandingOutput,
)
from patients.serializers.entries import FormerVersionOutput, HistoryQuery
from patients.services import amending, consenting, guarding
from patients.views.chart import ChartViewSet


class ConsentViewSet(ChartViewSet):
    tags = ("consents",)
    queryset = Consent.objects.none()
    whole = ("standing",)  # all purposes at once, no pages
    needs = {"list": "patient.read_consents", "standing": "patient.read_consents", "create": "patient.record_consent"}

    @extend_schema(operation_id="consents_list", responses={200: ConsentOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        """Every decision, the newest first; the newest of a purpose counts."""
        return self.page(Consent.objects.filter(patient=self.chart(patient_id)), ConsentOutput, prepare=warm)

    @extend_schema(operation_id="consents_decide", request=ConsentInput, responses={201: ConsentOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        patient = self.chart(patient_id)
        return self.answer(consenting.decide(patient=patient, by=self.member, **self.parsed(ConsentInput)), ConsentOutput, 201)

    @extend_schema(operation_id="consents_standing", responses={200: StandingOutput(many=True)})
    def standing(self, request: Any, patient_id: UUID) -> Response:
        """For each purpose, whether it is open now to who is no exception."""
        latest = Consent.objects.latest(self.chart(patient_id))
        found = [
            {
                "purpose": name,
                "says": purpose.says,
                "is_open": latest[name].decision == Consent.Decision.GIVEN if name in latest else purpose.without,
                "decision": latest.get(name),
            }
            for name, purpose in PURPOSES.items()
        ]
        return Response(StandingOutput(found, many=True, context=self.get_serializer_context()).data)


class GuardianViewSet(ChartViewSet):
    tags = ("charts",)
    queryset = Guardianship.objects.none()
    needs = {"list": "patient.view", "create": "patient.guard", "destroy": "patient.guard"}

    @extend_schema(operation_id="guardians_list", responses={200: GuardianOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        return self.page(Guardianship.objects.of(self.chart(patient_id)), GuardianOutput, prepare=warm)

    @extend_schema(operation_id="guardians_begin", request=GuardianInput, responses={201: GuardianOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        patient, asked = self.chart(patient_id), self.parsed(GuardianInput)
        asked["guardian"] = self.chart(asked["guardian"])
        row = guarding.begin(patient=patient, by=self.member, now=timezone.now(), **asked)
        return self.answer(row, GuardianOutput, status=201)

    @extend_schema(operation_id="guardians_end", request=None, responses={204: None})
    def destroy(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        """From now on they act no longer; it is kept that they did."""
        row = Guardianship.objects.of(self.chart(patient_id)).filter(pk=row_id).first()
        if row is None:
            raise NotFound
        self.fresh(row)
        guarding.end(row=row, by=self.member, now=timezone.now())
        return Response(status=204)


class AmendmentViewSet(ChartViewSet):
    tags = ("charts",)
    queryset = Amendment.objects.none()
    needs = {
        "list": "patient.read_notes",
        "create": "patient.ask_amendment",
        "decide": "patient.decide_amendment",
        "history": "patient.read_notes",
    }

    @extend_schema(operation_id="amendments_list", responses={200: AmendmentOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        return self.page(Amendment.objects.of(self.chart(patient_id)), AmendmentOutput, prepare=warm)

    @extend_schema(operation_id="amendments_ask", request=AmendmentInput, responses={201: AmendmentOutput})
    def create(self, request: Any, patient_id: UUID) -> Response:
        patient = self.chart(patient_id)
        return self.answer(amending.ask(patient=patient, by=self.member, **self.parsed(AmendmentInput)), AmendmentOutput, 201)

    @extend_schema(operation_id="amendments_decide", request=AmendmentAnswerInput, responses={200: AmendmentOutput})
    def decide(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        row = Amendment.objects.of(self.chart(patient_id)).filter(pk=row_id).first()
        if row is None:
            raise NotFound
        asked = self.parsed(AmendmentAnswerInput)
        row = amending.decide(amendment=row, by=self.member, now=timezone.now(), **asked)
        return self.answer(row, AmendmentOutput)

    @extend_schema(operation_id="history_list", parameters=[HistoryQuery], responses={200: FormerVersionOutput(many=True)})
    def history(self, request: Any, patient_id: UUID) -> Response:
        """What entries said before they were changed or set aside: of sections the caller reads, as consent allows."""
        asked = self.asked(HistoryQuery)
        rows = FormerVersion.objects.filter(patient=self.chart(patient_id), section__in=self._read_sections(patient_id))
        return self.page(rows.filter(row_id=asked["row"]) if "row" in asked else rows, FormerVersionOutput, prepare=warm)

    def _read_sections(self, patient_id: UUID) -> Any:
        """Sections without anything this reader may not see: their history is read as they are."""
        patient = Patient.objects.get(pk=patient_id)
        open_ones = ["record"]
        for name, section in SECTIONS.items():
            if not self.member.may(section.read):
                continue
            covers = [c for c in (section.covers, "sensitive" if section.has_sensitive else None) if c]
            if all(consenting.verdict(patient=patient, covers=c, member=self.member).allowed for c in covers):
                open_ones.append(name)
        return open_ones
