"""How does the desk find and end series in a browser? The list with the API's own verb, and what each time became."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from unfold.admin import TabularInline

from appointments.admin_asking import may
from appointments.admin_beginning import begin_page
from appointments.models import Occurrence, Series
from appointments.services import series
from healthcare.core.admin import ReadOnlyAdmin, each


class OccurrenceInline(TabularInline):
    model = Occurrence
    extra = max_num = 0
    can_delete = False
    ordering = ("starts_at",)
    fields = readonly_fields = ("starts_at", "state", "not_booked")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("appointment")

    @admin.display(description="Appointment")
    def state(self, row: Occurrence) -> str:
        return str(row.appointment.state) if row.appointment else "–"

    @admin.display(description="Why none was booked")
    def not_booked(self, row: Occurrence) -> str:
        return ", ".join(code.replace("_", " ") for code in row.reasons).capitalize() or "–"


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    sees = "appointment.view"
    inlines = (OccurrenceInline,)
    list_display = ("created_at", "mrn", "practitioner", "kind", "rule", "begins", "booked_until", "state")
    list_filter = ("state", "kind", "practitioner")
    list_select_related = ("patient", "practitioner")
    search_fields = ("=patient__mrn",)
    search_help_text = "The whole MRN."
    ordering = ("-id",)
    # why the patient comes is on the chart, not on the desk's list
    fields = ("mrn", "practitioner", "kind", "rule", "zone", "begins", "skips", "booked_until", "state", "created_at")
    readonly_fields = ("mrn",)
    actions = ("end",)

    def has_add_permission(self, request: Any) -> bool:
        return may(request, "appointment.book")

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> Any:
        return begin_page(request)

    @admin.display(description="MRN")
    def mrn(self, row: Series) -> str:
        return row.patient.mrn

    @admin.action(description="End these series: what is ahead is cancelled", permissions=["end"])
    def end(self, request: Any, rows: Any) -> None:
        by, now = request.member.user_id, timezone.now()
        mine = rows.visible_to(request.member, "appointment.change")  # which may be fewer than one sees
        each(request, mine, lambda row: series.end(series=row, by=by, now=now), "Series ended")

    def has_end_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("appointment.change")
