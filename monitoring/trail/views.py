"""Who did what in this clinic? For auditors and compliance officers; looking is itself put on record."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.views import ClinicViewSet
from monitoring.trail.entry import Action
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.serializers import AuditEventOutput, AuditQuery
from monitoring.trail.writing import record

LOOKUPS = {"from": "at__gte", "to": "at__lt"}


class AuditEventViewSet(ClinicViewSet):
    tags = ("audit",)
    queryset = ClinicAuditEntry.objects.none()
    needs = {"list": "audit.view"}

    @extend_schema(operation_id="audit_events", parameters=[AuditQuery], responses={200: AuditEventOutput(many=True)})
    def list(self, request: Any) -> Response:
        asked = self.asked(AuditQuery)
        wanted = {LOOKUPS.get(name, name): value for name, value in asked.items()}
        answer = self.page(ClinicAuditEntry.objects.filter(**wanted), AuditEventOutput)
        record(Action.SEARCH, ClinicAuditEntry._meta.label_lower, changes={"filters": [None, sorted(asked)]})
        return answer
