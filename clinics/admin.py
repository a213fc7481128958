"""Which clinics does the platform's staff see in the admin? All of them, to look at; they change through verbs."""

from django.contrib import admin

from clinics.models import Clinic, Location
from clinics.settings_page import pages
from healthcare.core.admin import ReadOnlyAdmin, add_pages

add_pages(pages)


@admin.register(Clinic)
class ClinicsAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "state", "zone", "currency", "created_at")
    list_filter = ("state",)
    search_fields = ("name", "slug")
    fields = ("id", "name", "slug", "state", "domain", "zone", "currency", "language", "address", "specialities", "created_at")
    ordering = ("name", "id")


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ("name", "clinic", "zone", "is_active")
    list_select_related = ("clinic",)
    fields = ("id", "clinic", "name", "address", "zone", "hours", "is_active")
    ordering = ("name", "id")
