"""What does staff see and settle in a browser beside the appointments: group sessions, orders, who should come again?

Each list shows those of appointments that the person may see; each action is the API's own verb, for who may.
"""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from appointments.admin_asking import may
from appointments.admin_planning import plan_page
from appointments.models import Appointment, FollowUp, GroupSession, ServiceOrder
from appointments.services import follow_ups, groups, orders
from healthcare.core.admin import ReadOnlyAdmin, each


class OfAppointments(ReadOnlyAdmin):
    """Rows that belong to an appointment."""

    shows = ""  # the permission whose reach limits the appointments

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request)
        if request.member is None:
            return rows.none()
        return rows.filter(appointment__in=Appointment.objects.visible_to(request.member, self.shows).values("pk"))

    @admin.display(description="MRN")
    def mrn(self, row: Any) -> str:
        return str(row.appointment.patient.mrn)

    @admin.display(description="Practitioner")
    def practitioner(self, row: Any) -> str:
        return str(row.appointment.practitioner)


@admin.register(FollowUp)
class FollowUpAdmin(OfAppointments):
    shows = "follow_up.view"
    list_display = ("due_on", "mrn", "kind", "practitioner", "state")
    list_filter = ("state", "kind")
    list_select_related = ("appointment__patient", "appointment__practitioner")
    date_hierarchy = "due_on"
    ordering = ("due_on", "id")
    fields = ("mrn", "practitioner", "kind", "due_on", "state", "created_at")
    readonly_fields = ("mrn", "practitioner")
    actions = ("dismiss",)

    @admin.action(description="Dismiss: nobody needs to come", permissions=["manage"])
    def dismiss(self, request: Any, rows: Any) -> None:
        by, now = request.member.user_id, timezone.now()
        each(request, rows, lambda row: follow_ups.dismiss(follow_up=row, by=by, now=now), "Dismissed", named=_no_name)

    def has_manage_permission(self, request: Any) -> bool:
        return may(request, "follow_up.manage")


@admin.register(ServiceOrder)
class ServiceOrderAdmin(OfAppointments):
    """Without results: these are read with the appointment."""

    shows = "order.view"
    list_display = ("created_at", "accession", "mrn", "service", "specimen", "state", "collected_at", "reported_at")
    list_filter = ("state", "service")
    list_select_related = ("appointment__patient",)
    ordering = ("-created_at", "-id")
    fields = ("accession", "mrn", "practitioner", "service", "specimen", "state", "collected_at", "reported_at")
    readonly_fields = ("mrn", "practitioner")
    actions = ("collect",)

    @admin.action(description="Collected: the specimen is there, the images are taken", permissions=["run"])
    def collect(self, request: Any, rows: Any) -> None:
        by, now = request.member.user_id, timezone.now()
        each(request, rows, lambda row: orders.collect(appointment=row.appointment, by=by, now=now), "Collected")

    def has_run_permission(self, request: Any) -> bool:
        return may(request, "order.run")


@admin.register(GroupSession)
class GroupSessionAdmin(ReadOnlyAdmin):
    """Never who joins: that is in each appointment."""

    list_display = ("starts_at", "title", "kind", "practitioner", "seats", "is_cancelled")
    list_filter = ("is_cancelled", "kind", "practitioner")
    list_select_related = ("practitioner",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-id")
    fields = ("title", "kind", "practitioner", "starts_at", "ends_at", "seats", "is_cancelled")
    actions = ("call_off",)

    def has_add_permission(self, request: Any) -> bool:
        return may(request, "group.manage")

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> Any:
        return plan_page(request)

    @admin.action(description="Call off: every patient's appointment is cancelled, and they are told", permissions=["manage"])
    def call_off(self, request: Any, rows: Any) -> None:
        by, now = request.member.user_id, timezone.now()
        each(request, rows, lambda row: groups.call_off(group=row, by=by, now=now), "Called off")

    def has_manage_permission(self, request: Any) -> bool:
        return may(request, "group.manage")


def _no_name(row: FollowUp) -> str:
    return f"Due {row.due_on.isoformat()}"
