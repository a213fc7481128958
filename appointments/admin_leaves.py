"""How is a leave entered and undone in a browser? First who would be hit is shown, then it is taken; the list undoes.

Taken is only what was shown: the page sends back a digest of it, and if the plan is another by then, it is shown anew.
"""

import datetime as dt
import hashlib
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import TabularInline

from appointments.admin_forms import moment, on_our_clock, said_no
from appointments.models import Leave, LeaveHit, Practitioner
from appointments.services import leaves
from appointments.services.leaves import Hit
from appointments.slots import Interval
from healthcare.core.admin import ReadOnlyAdmin, each
from healthcare.core.errors import Refused


class LeaveForm(forms.Form):
    practitioner: Any = forms.ModelChoiceField(queryset=None, label="Who is away")
    starts_at = moment("From")
    ends_at = moment("Until")
    cancel_unplaced = forms.BooleanField(required=False)  # asked beside the preview, once one sees whom it would mean

    def __init__(self, *args: Any, member: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cards = Practitioner.objects.visible_to(member, "practitioner.view").with_place()
        self.fields["practitioner"].queryset = cards.order_by("name", "id")  # type: ignore[attr-defined]

    def clean(self) -> Any:
        start, end = (self.cleaned_data.get(name) for name in ("starts_at", "ends_at"))
        if start and end and end <= start:
            raise ValidationError("A leave ends after it begins.")
        return self.cleaned_data

    def asked(self) -> dict[str, Any]:
        known = self.cleaned_data
        start, end = (known[name].astimezone(dt.UTC) for name in ("starts_at", "ends_at"))
        return {"practitioner": known["practitioner"], "during": Interval(start, end)}


class HitInline(TabularInline):
    model = LeaveHit
    verbose_name_plural = "whom it hit"
    extra = max_num = 0
    can_delete = False
    ordering = ("was_at", "id")
    fields = readonly_fields = ("mrn", "was_at", "outcome", "went_at", "now_with")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("appointment__patient", "appointment__practitioner")

    @admin.display(description="MRN")
    def mrn(self, row: LeaveHit) -> str:
        return row.appointment.patient.mrn

    @admin.display(description="Now with")
    def now_with(self, row: LeaveHit) -> str:
        return str(row.appointment.practitioner)


@admin.register(Leave)
class LeaveAdmin(ReadOnlyAdmin):
    sees = "leave.manage"
    inlines = (HitInline,)
    list_display = ("practitioner", "starts_at", "ends_at", "state", "to_call", "created_at")
    list_filter = ("state", "practitioner")
    list_select_related = ("practitioner",)
    ordering = ("-id",)
    fields = readonly_fields = ("practitioner", "starts_at", "ends_at", "state", "created_at")
    actions = ("undo",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(left=Count("hits", filter=Q(hits__outcome=LeaveHit.Outcome.LEFT)))

    @admin.display(description="From")
    def starts_at(self, row: Leave) -> str:
        return on_our_clock(row.during.lower)

    @admin.display(description="Until")
    def ends_at(self, row: Leave) -> str:
        return on_our_clock(row.during.upper)

    @admin.display(description="Still to call")
    def to_call(self, row: Any) -> int:
        return int(row.left)

    @admin.action(description="Undo: whom it moved returns where nothing changed since", permissions=["add"])
    def undo(self, request: Any, rows: Any) -> None:
        by, now = request.member.user_id, timezone.now()
        each(request, rows, lambda row: leaves.undo(leave=row, by=by, now=now), "Leaves undone")

    def has_add_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("leave.manage")

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Shows whom the leave would hit; takes it if that was seen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, shown = LeaveForm(request.POST or None, member=request.member), {}
        if request.method == "POST" and form.is_valid():
            try:
                hits = leaves.preview(now=timezone.now(), **form.asked())
                if request.POST.get("seen") == digest(hits):
                    return self._taken(request, form)
                shown = {"hits": told(hits), "seen": digest(hits)}
            except Refused as refused:
                said_no(form, refused)
            if shown and "seen" in request.POST:
                messages.warning(request, "It has changed since you looked, and nothing was done. This is how it is now.")
        context = {**admin.site.each_context(request), "title": "Enter a leave", "form": form, **shown}
        return TemplateResponse(request, "admin/appointments/leave.html", context)

    def _taken(self, request: Any, form: LeaveForm) -> HttpResponse:
        known = {**form.asked(), "cancel_unplaced": form.cleaned_data["cancel_unplaced"]}
        leave = leaves.take(by=request.member.user_id, now=timezone.now(), **known)
        messages.success(request, "The leave is entered. Whom it moved is told.")
        return HttpResponseRedirect(reverse("admin:appointments_leave_change", args=[leave.pk]))


def digest(hits: list[Hit]) -> str:
    """Of what a preview says of whom."""
    lines = [f"{hit.appointment.pk} {hit.appointment.starts_at} {hit.outcome} {hit.place and hit.place.slot}" for hit in hits]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def told(hits: list[Hit]) -> list[dict[str, Any]]:
    """Each hit as the page shows it: where it is, and where it would go."""
    ids = {str(hit.place.slot.practitioner).partition(":")[2] for hit in hits if hit.place}
    names = {str(row.pk): str(row) for row in Practitioner.objects.filter(pk__in=ids)}
    return [
        {
            "appointment": hit.appointment,
            "outcome": hit.outcome,
            "with": hit.place and names[str(hit.place.slot.practitioner).partition(":")[2]],
            "at": hit.place and hit.place.slot.starts_at,
        }
        for hit in hits
    ]
