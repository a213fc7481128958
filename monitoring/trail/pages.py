"""How does a trail look in the admin? A list by time, found by the id of a thing or a person; each entry with its changes."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html_join

from healthcare.core.admin import ReadOnlyAdmin
from healthcare.core.ids import as_id
from monitoring.trail.entry import Entry


class TrailAdmin(ReadOnlyAdmin):
    list_display = ("moment", "action", "object_type", "object_id", "actor_kind", "actor", "address")
    list_filter = ("action", "actor_kind", "object_type", "purpose", ("at", admin.DateFieldListFilter))
    search_fields = ("=object_id", "=actor", "=request_id")
    search_help_text = "The id of a thing, a person, a patient or a request."
    ordering = ("-id",)
    fields = (
        *("id", "moment", "action", "object_type", "object_id", "actor_kind", "actor", "session"),
        *("address", "request_id", "purpose", "clinic_id", "subjects", "changed"),
    )

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """An id may also be that of a patient whom the entry is about."""
        if (wanted := as_id(search_term.strip())) is None:
            return super().get_search_results(request, queryset, search_term)
        named = Q(object_id=str(wanted)) | Q(actor=wanted) | Q(request_id=search_term.strip()) | Q(subjects__contains=[wanted])
        return queryset.filter(named), False

    @admin.display(description="At")
    def moment(self, entry: Entry) -> str:
        return timezone.localtime(entry.at).isoformat(" ", "seconds")

    @admin.display(description="Changes (• is masked)")
    def changed(self, entry: Entry) -> Any:
        rows = [(name, *pair) for name, pair in sorted(entry.changes.items())]
        return format_html_join("", "<div><strong>{}</strong>: {} → {}</div>", rows) or "–"
