"""What does staff see of courses in the admin? Templates, and each course with its sittings; ordering one."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.admin import TabularInline

from appointments.admin_asking import may
from appointments.courses.admin_ordering import ORDER, order_page
from appointments.courses.models import Course, CourseTemplate, Sitting
from appointments.courses.services import ordering
from healthcare.core.admin import ReadOnlyAdmin, each


class SittingInline(TabularInline):
    model = Sitting
    extra = max_num = 0
    can_delete = False
    fields = readonly_fields = ("number", "starts_at", "practitioner", "state", "missed")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("appointment__practitioner")

    @admin.display(description="Start")
    def starts_at(self, row: Sitting) -> Any:
        return row.appointment and row.appointment.starts_at

    @admin.display(description="Therapist")
    def practitioner(self, row: Sitting) -> str:
        return str(row.appointment.practitioner) if row.appointment else "–"

    @admin.display(description="State")
    def state(self, row: Sitting) -> str:
        return str(row.appointment.state) if row.appointment else "–"


@admin.register(Course)
class CourseAdmin(ReadOnlyAdmin):
    sees = "course.view"
    inlines = (SittingInline,)
    list_display = ("created_at", "mrn", "template", "state", "starts_on")
    list_filter = ("state", "template")
    list_select_related = ("patient", "template")
    ordering = ("-id",)
    fields = ("template", "state", "stuck", "starts_on", "created_at")
    readonly_fields = ("stuck",)
    actions = ("cancel", "replan")

    @admin.action(description="Cancel these courses: what lies ahead is cancelled, what was given stays", permissions=["order"])
    def cancel(self, request: Any, rows: Any) -> None:
        self._each(request, rows, ordering.cancel, "Cancelled")

    @admin.action(description="Plan stuck courses anew", permissions=["order"])
    def replan(self, request: Any, rows: Any) -> None:
        self._each(request, rows, ordering.again, "Planned anew")

    def has_order_permission(self, request: Any) -> bool:
        return may(request, ORDER)

    def has_add_permission(self, request: Any) -> bool:
        return may(request, ORDER)

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> Any:
        return order_page(request)

    def _each(self, request: Any, rows: Any, verb: Any, done: str) -> None:
        by, now = request.member.user_id, timezone.now()
        mine = rows.visible_to(request.member, "course.order")  # which may be fewer than one sees
        each(request, mine, lambda row: verb(course=row, by=by, now=now), done)

    @admin.display(description="Why it is stuck")
    def stuck(self, row: Course) -> str:
        return format_html_join(mark_safe("<br>"), "{}", ((why["detail"],) for why in row.why)) or "–"

    @admin.display(description="MRN")
    def mrn(self, row: Course) -> str:
        return row.patient.mrn


@admin.register(CourseTemplate)
class CourseTemplateAdmin(ReadOnlyAdmin):
    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    ordering = ("name",)
    fields = ("name", "phases", "is_active")
