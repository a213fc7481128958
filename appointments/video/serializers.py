"""What do clients send about meetings by video, and what do they see?"""

from typing import Any

from rest_framework import serializers

from appointments.video.models import STATUSES, VideoIssue
from appointments.video.services.rooms import CLOSES, OPENS
from healthcare.core.shapes import Strict, Text


class IssueInput(Strict):
    what = serializers.ChoiceField(choices=VideoIssue.What.choices)
    words = Text(max_length=2000, required=False, allow_blank=True, default="")


class IssueOutput(serializers.Serializer[VideoIssue]):
    id = serializers.UUIDField()
    what = serializers.ChoiceField(choices=VideoIssue.What.choices)
    at = serializers.DateTimeField()


class MeetingOutput(serializers.Serializer[Any]):
    """How the meeting stands; `appointment` and `room` (null before anybody came) in the context of the view."""

    status = serializers.ChoiceField(choices=STATUSES)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    asked_at = serializers.DateTimeField(allow_null=True, help_text="The patient is in the waiting room since.")
    admitted_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, appointment: Any) -> dict[str, Any]:
        room, zone = self.context["room"], appointment.zone
        instants = {
            "opens_at": appointment.starts_at - OPENS,
            "closes_at": appointment.ends_at + CLOSES,
            "asked_at": room and room.asked_at,
            "admitted_at": room and room.admitted_at,
        }
        told = {name: at.astimezone(zone).isoformat() if at else None for name, at in instants.items()}
        return {"status": room.status if room else "closed", **told}


class MeetingJoinedOutput(serializers.Serializer[Any]):
    """While the patient waits, `token` is empty: ask again, or listen; it is given once they are admitted."""

    role = serializers.ChoiceField(choices=["host", "guest"])
    status = serializers.ChoiceField(choices=STATUSES)
    room = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True, help_text="Of the room; give the token to the Jitsi client as `jwt`.")
    token = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, joined: Any) -> dict[str, Any]:
        return {
            "role": joined.role,
            "status": joined.room.status,
            "room": joined.room.name if joined.token else "",
            "url": joined.url,
            "token": joined.token,
            "expires_at": joined.expires_at.isoformat() if joined.expires_at else None,
        }
