"""What does staff see of the waitlist in the admin? Who waits, and to whom what was offered and why."""

from typing import Any

from django.contrib import admin
from unfold.admin import TabularInline

from appointments.waitlist.models import Offer, Wish
from healthcare.core.admin import ReadOnlyAdmin


class OfferInline(TabularInline):
    model = Offer
    extra = max_num = 0
    can_delete = False
    fields = readonly_fields = ("made_at", "time", "state", "answered_at", "rank")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("opening")

    @admin.display(description="Time")
    def time(self, row: Offer) -> Any:
        return row.opening.starts_at


@admin.register(Wish)
class WishAdmin(ReadOnlyAdmin):
    sees = "waitlist.view"
    inlines = (OfferInline,)
    list_display = ("joined_at", "mrn", "kind", "practitioner", "urgency", "from_on", "until_on", "state")
    list_filter = ("state", "urgency", "kind", "practitioner")
    list_select_related = ("patient", "practitioner")
    ordering = ("joined_at", "id")
    fields = ("kind", "practitioner", "urgency", "from_on", "until_on", "weekdays", "earliest", "latest", "state", "missed")

    @admin.display(description="MRN")
    def mrn(self, row: Wish) -> str:
        return row.patient.mrn
