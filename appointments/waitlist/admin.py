"""What does staff see and do of the waitlist in the admin? Who waits, to whom what was offered and why; the desk's answers."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from unfold.admin import TabularInline

from appointments.waitlist.admin_joining import join_page
from appointments.waitlist.models import Offer, Wish
from appointments.waitlist.services import answering, joining
from healthcare.core.admin import ReadOnlyAdmin, each


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
    fields = (
        "mrn",
        "kind",
        "practitioner",
        "urgency",
        "from_on",
        "until_on",
        "weekdays",
        "earliest",
        "latest",
        "state",
        "missed",
    )
    readonly_fields = ("mrn",)
    actions = ("accept", "decline", "leave")

    def has_add_permission(self, request: Any) -> bool:
        return self.has_join_permission(request)

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return join_page(request)

    @admin.display(description="MRN")
    def mrn(self, row: Wish) -> str:
        return row.patient.mrn

    @admin.action(description="Accept for the patient: what is offered is booked", permissions=["join"])
    def accept(self, request: Any, rows: Any) -> None:
        self._each(request, rows, answering.accept, "Accepted")

    @admin.action(description="Decline for the patient: the next one is asked", permissions=["join"])
    def decline(self, request: Any, rows: Any) -> None:
        self._each(request, rows, answering.decline, "Declined")

    @admin.action(description="Take off the list: what is offered goes to the next", permissions=["join"])
    def leave(self, request: Any, rows: Any) -> None:
        self._each(request, rows, joining.leave, "Taken off the list")

    def has_join_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("waitlist.join")

    def _each(self, request: Any, rows: Any, verb: Any, done: str) -> None:
        by, now = request.member.user_id, timezone.now()
        mine = rows.visible_to(request.member, "waitlist.join")  # which may be fewer than one sees
        each(request, mine, lambda row: verb(wish=row, by=by, now=now), done)
