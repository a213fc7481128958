"""What do clients send about calendars, and what do they see?"""

from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from appointments.calendars.models import CalendarFeed, CalendarTarget
from healthcare.core.shapes import Strict, TargetField, Text


class CalendarFeedInput(Strict):
    name = Text(max_length=60, required=False, allow_blank=True, default="", help_text="Your own word for where you use it.")


class CalendarFeedOutput(serializers.Serializer[CalendarFeed]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class CalendarFeedOpenedOutput(CalendarFeedOutput):
    url = serializers.CharField(help_text="Give it to your calendar. It is told once; whoever has it can read it.")

    def to_representation(self, row: CalendarFeed) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "name": row.name,
            "created_at": row.created_at.isoformat(),
            "url": self.context["url"],
        }


class TargetInput(Strict):
    url = TargetField(help_text="A CalDAV collection, https.")
    username = Text(max_length=200, required=False, allow_blank=True, default="")
    password = Text(
        max_length=200, required=False, allow_blank=True, default="", trim_whitespace=False, help_text="An app password, best."
    )


class TargetOutput(serializers.Serializer[CalendarTarget]):
    """Never the password, nor the path: some addresses are secrets."""

    id = serializers.UUIDField()
    host = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    pushed_at = serializers.DateTimeField(allow_null=True)
    fault = serializers.CharField(allow_blank=True, help_text="Why the last push failed: away · refused · bad_target")
    failed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()

    def get_host(self, row: CalendarTarget) -> str:
        return urlsplit(str(row.url)).hostname or ""
