"""How does the compliance officer find and close reviews of emergency access in a browser? One's own are to look at."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from healthcare.core.admin import ReadOnlyAdmin, each
from patients.glass import services
from patients.glass.models import Opening


class ReviewFilter(admin.SimpleListFilter):
    title = parameter_name = "review"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [("open", "open"), ("overdue", "overdue (after 72 hours)"), ("closed", "closed")]

    def queryset(self, request: Any, rows: Any) -> Any:
        match self.value():
            case "open":
                return rows.to_review()
            case "overdue":
                return rows.overdue(timezone.now())
            case "closed":
                return rows.exclude(reviewed_at=None)
        return rows


@admin.register(Opening)
class OpeningAdmin(ReadOnlyAdmin):
    sees = "glass.view"
    list_display = ("opened_at", "ends_at", "user_id", "mrn", "reason", "review", "finding")
    list_filter = (ReviewFilter, "finding")
    list_select_related = ("patient",)
    fields = ("user_id", "mrn", "opened_at", "ends_at", "reason", "review", "finding", "remark", "reviewed_at", "reviewed_by")
    readonly_fields = ("mrn", "opened_at", "ends_at", "review")
    ordering = ("-id",)
    actions = tuple(Opening.Finding.values)

    @admin.display(description="MRN")
    def mrn(self, row: Opening) -> str:
        return row.patient.mrn

    @admin.display(description="Review")
    def review(self, row: Opening) -> str:
        if row.reviewed_at is not None:
            return "closed"
        return "overdue" if row.is_overdue(timezone.now()) else "open"

    @admin.action(description="Close the review: justified", permissions=["review"])
    def justified(self, request: Any, rows: Any) -> None:
        self._close(request, rows, Opening.Finding.JUSTIFIED)

    @admin.action(description="Close the review: unjustified", permissions=["review"])
    def unjustified(self, request: Any, rows: Any) -> None:
        self._close(request, rows, Opening.Finding.UNJUSTIFIED)

    @admin.action(description="Close the review: unclear", permissions=["review"])
    def unclear(self, request: Any, rows: Any) -> None:
        self._close(request, rows, Opening.Finding.UNCLEAR)

    def has_review_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("glass.review")

    def _close(self, request: Any, rows: Any, finding: str) -> None:
        known = {"finding": finding, "remark": "", "by": request.member, "now": timezone.now()}
        each(request, rows, lambda row: services.review(opening=row, **known), "Reviews closed")
