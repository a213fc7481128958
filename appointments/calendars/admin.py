"""What does staff see of calendars elsewhere in the admin? Whose is copied, and whether that works; never where to."""

from django.contrib import admin

from appointments.calendars.models import CalendarTarget
from healthcare.core.admin import ReadOnlyAdmin


@admin.register(CalendarTarget)
class CalendarTargetAdmin(ReadOnlyAdmin):
    list_display = ("practitioner", "is_active", "pushed_at", "fault", "failed_at")
    list_filter = ("is_active", "fault")
    list_select_related = ("practitioner",)
    ordering = ("id",)
    fields = ("practitioner", "is_active", "pushed_at", "fault", "failed_at")
