"""What does clinic staff see and change of appointments in the admin? The day's list for the desk; cards and hours to keep."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import RangeWidget
from unfold.admin import TabularInline

from appointments import admin_leaves, admin_overrides, admin_series, admin_work
from appointments.admin_desk import DeskAdmin
from appointments.events import HoursChanged, ResourceChanged
from appointments.models import Appointment, Practitioner, Resource, ScheduleException, WeeklyTemplate
from appointments.plugins.registry import kinds
from clinics.models import Location
from healthcare.core.admin import ClinicAdmin
from healthcare.core.events import publish
from healthcare.core.ids import as_id
from healthcare.core.tenancy import current_clinic

__all__ = ["AppointmentAdmin", "admin_leaves", "admin_overrides", "admin_series", "admin_work"]


@admin.register(Appointment)
class AppointmentAdmin(DeskAdmin):
    sees = "appointment.view"
    list_display = ("starts_at", "mrn", "patient_name", "practitioner", "kind", "state", "priority")
    list_filter = ("state", "priority", "kind", "practitioner")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-id")
    search_fields = ("=patient__mrn",)
    search_help_text = "The whole MRN."
    # why the patient comes is for those who treat them: it is on the chart, not on the desk's list
    fields = ("kind", "patient", "practitioner", "starts_at", "ends_at", "state", "priority", "created_at")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("patient", "practitioner")

    @admin.display(description="MRN", ordering="patient__mrn")
    def mrn(self, row: Appointment) -> str:
        return row.patient.mrn

    @admin.display(description="Patient")
    def patient_name(self, row: Appointment) -> str:
        return row.patient.full_name


def _choose(fields: Any) -> None:
    places = Location.objects.filter(clinic_id=current_clinic().id, is_active=True).order_by("name")
    for name, choices in (
        ("location_id", [(str(place.pk), place.name) for place in places]),
        ("kinds", [(kind.code, kind.name) for kind in kinds().values()]),
    ):
        if name in fields:
            fields[name].choices = choices


class CardForm(forms.ModelForm):
    """Places and kinds are chosen, not typed."""

    location_id = forms.TypedChoiceField(label="Location", coerce=as_id)
    kinds = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Practitioner
        fields = ("name", "title", "profession", "speciality", "languages", "room", "kinds", "capacity", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields)


class ResourceForm(forms.ModelForm):
    """As of cards: places and kinds are chosen."""

    location_id = forms.TypedChoiceField(label="Location", coerce=as_id)
    kinds = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Resource
        fields = ("type", "name", "capacity", "kinds", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields)


@admin.register(Resource)
class ResourceAdmin(ClinicAdmin):
    sees = "resource.view"
    form = ResourceForm
    list_display = ("name", "type", "capacity", "is_active")
    list_filter = ("type", "is_active")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("type", "name", "location_id", "capacity", "kinds", "is_active")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        publish(ResourceChanged(resource_id=obj.pk, version=obj.version))


class HoursInline(TabularInline):
    model = WeeklyTemplate
    extra = 0
    ordering = ("weekday", "opens")


class ExceptionForm(forms.ModelForm):
    class Meta:
        model = ScheduleException
        fields = ("effect", "during")  # of this practitioner; a room's and a location's are entered by API
        widgets = {"during": RangeWidget(forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}))}


class ExceptionsInline(TabularInline):
    model = ScheduleException
    form = ExceptionForm
    extra = 0


@admin.register(Practitioner)
class PractitionerAdmin(ClinicAdmin):
    sees = "practitioner.view"
    form = CardForm
    inlines = (HoursInline, ExceptionsInline)
    list_display = ("name", "title", "speciality", "room", "is_active", "next_free_at")
    list_filter = ("is_active", "speciality")
    search_fields = ("name", "speciality")
    ordering = ("name",)
    # not the account: it is linked by invitation, and people are no business of a clinic's schema
    fieldsets = (
        (
            None,
            {"fields": ("name", "title", "profession", "speciality", "languages", "room", "location_id", "kinds", "is_active")},
        ),
        (
            "Terms of their own",
            {"fields": ("slot_minutes", "buffer_minutes", "notice_minutes", "horizon_days", "capacity", "daily_limit")},
        ),
    )

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """The last write of the page's transaction: hours and card are as they will be."""
        super().save_related(request, form, formsets, change)
        row = form.instance
        publish(HoursChanged(practitioner_id=row.pk, version=row.version))
