"""What does staff see of meetings by video in the admin? Which rooms had trouble, not what was said."""

from typing import Any

from django.contrib import admin
from unfold.admin import TabularInline

from appointments.models import Appointment
from appointments.video.models import VideoIssue, VideoRoom
from healthcare.core.admin import ReadOnlyAdmin


class IssueInline(TabularInline):
    model = VideoIssue
    extra = max_num = 0
    can_delete = False
    fields = readonly_fields = ("what", "at")


@admin.register(VideoRoom)
class VideoRoomAdmin(ReadOnlyAdmin):
    inlines = (IssueInline,)
    list_display = ("starts_at", "practitioner", "asked_at", "admitted_at", "ended_at")
    list_select_related = ("appointment__practitioner",)
    ordering = ("-id",)
    fields = ("asked_at", "admitted_at", "host_joined_at", "ended_at")

    def get_queryset(self, request: Any) -> Any:
        """Those of appointments that the person may see."""
        if request.member is None:
            return super().get_queryset(request).none()
        mine = Appointment.objects.visible_to(request.member, "appointment.view")
        return super().get_queryset(request).filter(appointment__in=mine)

    @admin.display(description="Start", ordering="appointment__starts_at")
    def starts_at(self, row: VideoRoom) -> Any:
        return row.appointment.starts_at

    @admin.display(description="Practitioner")
    def practitioner(self, row: VideoRoom) -> str:
        return str(row.appointment.practitioner)
