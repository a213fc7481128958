"""Who did what in this clinic, and who saw whose record? Looking at the trail is itself put on record."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.ids import first_id_at
from healthcare.core.views import ClinicViewSet
from monitoring.trail import access_log
from monitoring.trail.entry import Action
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.serializers import AccessOutput, AccessQuery, AuditEventOutput, AuditQuery
from monitoring.trail.writing import record


def narrowed(rows: Any, asked: dict[str, Any]) -> Any:
    """Times narrow by the id too, which the time of writing is part of: the index on it serves."""
    wanted = {name: value for name, value in asked.items() if name not in ("from", "to", "patient", "disclosures")}
    if "from" in asked:
        rows = rows.filter(at__gte=asked["from"], id__gte=first_id_at(asked["from"]))
    if "to" in asked:
        rows = rows.filter(at__lt=asked["to"], id__lt=first_id_at(asked["to"]))
    if "patient" in asked:
        rows = rows.filter(subjects__contains=[asked["patient"]])
    return rows.filter(**wanted)


class AuditEventViewSet(ClinicViewSet):
    tags = ("audit",)
    queryset = ClinicAuditEntry.objects.none()
    needs = {"list": "audit.view"}

    @extend_schema(operation_id="audit_events", parameters=[AuditQuery], responses={200: AuditEventOutput(many=True)})
    def list(self, request: Any) -> Response:
        """By thing, person, patient, action, purpose, request and time; the newest first."""
        asked = self.asked(AuditQuery)
        answer = self.page(narrowed(ClinicAuditEntry.objects.all(), asked), AuditEventOutput)
        record(Action.SEARCH, ClinicAuditEntry._meta.label_lower, changes={"filters": [None, sorted(asked)]})
        return answer


class AccessLogViewSet(ClinicViewSet):
    tags = ("audit",)
    queryset = ClinicAuditEntry.objects.none()
    needs = {"list": access_log.PERMISSION}

    @extend_schema(operation_id="patient_access_log", parameters=[AccessQuery], responses={200: AccessOutput(many=True)})
    def list(self, request: Any, patient_id: UUID) -> Response:
        """Who saw or changed this record: name, role, when, what and why; with `disclosures` what left the clinic."""
        self.chart = access_log.chart_for(self.member, patient_id)
        asked = self.asked(AccessQuery)
        rows = access_log.entries_about(patient_id, disclosures=asked.get("disclosures", False))
        answer = self.page(narrowed(rows, asked), AccessOutput, prepare=self._prepare)
        record(Action.SEARCH, ClinicAuditEntry._meta.label_lower, patient_id, subjects=[patient_id])
        return answer

    def get_serializer_context(self) -> dict[str, Any]:
        own = self.chart.user_id if hasattr(self, "chart") else None
        return {**super().get_serializer_context(), "people": getattr(self, "people", {}), "own": own}

    def _prepare(self, rows: Any) -> None:
        self.people = access_log.who_are({entry.actor for entry in rows if entry.actor})
