"""How is it decided in a browser that others make room for an emergency? The requests, approved or declined by who may.

Whose emergency it is, is shown to whom that patient may be shown; that there is one, to all who may ask for one.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.admin_asking import may
from appointments.admin_planning import ask_page
from appointments.models import Override
from appointments.services import overriding
from healthcare.core.admin import ReadOnlyAdmin, each
from patients.models import Patient


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    sees = "appointment.ask_override"
    list_display = ("created_at", "mrn", "practitioner", "kind", "starts_at", "priority", "state", "decided_at")
    list_filter = ("state", "priority", "practitioner")
    ordering = ("-id",)
    fields = (
        "mrn", "practitioner", "kind", "starts_at", "priority", "state", "asked_by", "decided_by", "decided_at", "created_at",
    )  # fmt: skip
    readonly_fields = ("mrn",)
    actions = ("approve", "decline")

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request).select_related("patient", "practitioner")
        if request.member is None:
            return rows
        charts = Patient.objects.visible_to(request.member, "patient.view")
        return rows.annotate(is_patient_shown=Exists(charts.filter(pk=OuterRef("patient"))))

    def has_add_permission(self, request: Any) -> bool:
        return may(request, "appointment.ask_override")

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> Any:
        return ask_page(request)

    @admin.display(description="MRN")
    def mrn(self, row: Any) -> str:
        return row.patient.mrn if row.is_patient_shown else "–"

    @admin.action(description="Approve: others move and are told, the emergency is booked", permissions=["decide"])
    def approve(self, request: Any, rows: Any) -> None:
        self._decide(request, rows, overriding.approve, "Approved")

    @admin.action(description="Decline: nobody makes room", permissions=["decide"])
    def decline(self, request: Any, rows: Any) -> None:
        self._decide(request, rows, overriding.decline, "Declined")

    def has_decide_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("appointment.override")

    def _decide(self, request: Any, rows: Any, verb: Any, done: str) -> None:
        by, now = request.member.user_id, timezone.now()
        each(request, rows, lambda row: verb(override=row, by=by, now=now), done)
