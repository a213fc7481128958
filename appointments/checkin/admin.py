"""What does staff see of arrivals in the admin? By which way each was told."""

from typing import Any

from django.contrib import admin

from appointments.checkin.models import Arrival
from appointments.models import Appointment
from healthcare.core.admin import ReadOnlyAdmin


@admin.register(Arrival)
class ArrivalAdmin(ReadOnlyAdmin):
    list_display = ("at", "way", "practitioner")
    list_filter = ("way",)
    list_select_related = ("appointment__practitioner",)
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    fields = ("at", "way")

    def get_queryset(self, request: Any) -> Any:
        """Those of appointments that the person may see."""
        if request.member is None:
            return super().get_queryset(request).none()
        mine = Appointment.objects.visible_to(request.member, "appointment.view")
        return super().get_queryset(request).filter(appointment__in=mine)

    @admin.display(description="Practitioner")
    def practitioner(self, row: Arrival) -> str:
        return str(row.appointment.practitioner)
