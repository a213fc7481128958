"""What does staff see of a chart in the admin? Its record and the sections of their work, as the patient's consent allows.

To look at only: changes go through the API's verbs. Search is a page of its own (`search.py`): the stock one would put what is
searched for into the address.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.urls import path
from unfold.admin import TabularInline

from accounts.fields import AdminFieldsByRole
from healthcare.core.admin import ReadOnlyAdmin, add_pages
from healthcare.core.fields import warm
from patients.admin import search
from patients.models import Patient
from patients.sections import SECTIONS, Section
from patients.services import consenting

NOT_SHOWN = {"id", "version", "patient", "withdrawn_at", "sealed_for", "sha256", "appointment_id", "recorded_by"}


class SectionInline(TabularInline):
    """One section of the chart; nothing of it where the patient closed it."""

    section: ClassVar[Section]
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    tab = True

    def get_queryset(self, request: Any) -> Any:
        chart = getattr(request, "chart", None)
        if chart is None:
            return self.model._default_manager.none()
        rows = consenting.readable(section=self.section, patient=chart, member=request.member).order_by("-pk")
        return rows.select_related("patient")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def _inline(section: Section) -> type[SectionInline]:
    shown = [f.name for f in section.model._meta.concrete_fields if f.name not in NOT_SHOWN and not f.name.endswith("_index")]
    known = {
        "model": section.model,
        "section": section,
        "fields": shown,
        "readonly_fields": shown,
        "verbose_name_plural": section.name.capitalize(),
        "__module__": __name__,
    }
    return type(f"{section.name.title()}Inline", (SectionInline,), known)


INLINES = {name: _inline(section) for name, section in SECTIONS.items()}


@admin.register(Patient)
class PatientAdmin(AdminFieldsByRole, ReadOnlyAdmin):
    shape = "patient"
    sees = "patient.view"
    list_display = ("mrn", "full_name", "date_of_birth", "sex", "created_at")
    fields = ("mrn", "first_name", "last_name", "date_of_birth", "sex", "phone", "email", "language", "created_at")
    ordering = ("-id",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).living()

    @admin.display(description="Name")
    def full_name(self, patient: Patient) -> str:
        return patient.full_name

    def get_inlines(self, request: Any, obj: Any = None) -> Any:
        """Those whose section the person may read and the patient has not closed to them."""
        if obj is None or request.member is None:
            return []
        request.chart = obj
        warm([obj])
        return [INLINES[name] for name, section in SECTIONS.items() if self._reads(section, obj, request.member)]

    def _reads(self, section: Section, chart: Patient, member: Any) -> bool:
        if not Patient.objects.visible_to(member, section.read).filter(pk=chart.pk).exists():
            return False
        try:
            consenting.readable(section=section, patient=chart, member=member)
        except consenting.ConsentWithheld:
            return False
        return True


def _pages() -> list[Any]:
    return [path("patients/search/", admin.site.admin_view(search.page), name=search.NAME)]


add_pages(_pages)
