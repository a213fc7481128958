"""How does staff look at the daily figures? A list by day; whoever may see figures sees no more than figures."""

from django.contrib import admin

from healthcare.core.admin import ReadOnlyAdmin
from monitoring.daily.models import Day


@admin.register(Day)
class DayAdmin(ReadOnlyAdmin):
    sees = "figures.view"
    list_display = (
        "day", "expected", "seen", "cancelled", "no_shows", "walk_ins", "waited", "wait_p50", "wait_p90", "utilisation",
        "revenue", "currency",
    )  # fmt: skip
    date_hierarchy = "day"
    ordering = ("-day",)
