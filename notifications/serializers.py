"""How does a ledger entry look on the wire?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query, Strict
from notifications import words
from notifications.facts import Facts
from notifications.messages import MESSAGES
from notifications.models import Delivery, Notification


class NotificationQuery(Query):
    unread = serializers.BooleanField(required=False, help_text="Only those not read yet.")


class ReadInput(Strict):
    """Nothing to say: the first reading counts."""


class ChannelOutput(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = ["channel", "state", "at"]
        read_only_fields = fields


class NotificationOutput(serializers.Serializer[Any]):
    """`text` is put into words when it is read, from what is true then. Needs `facts` in its context."""

    id = serializers.UUIDField()
    message = serializers.ChoiceField([kind.code for kind in MESSAGES])
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(Notification.State.choices)
    channels = ChannelOutput(many=True)
    appointment = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, row: Notification) -> dict[str, Any]:
        known: Facts | None = self.context["facts"].get(row.appointment_id)
        said = words.in_short(row, known) if known else words.Words("", "")
        return {
            "id": row.id,
            "message": row.message,
            "title": said.title,
            "text": said.text,
            "language": row.language,
            "state": row.state,
            "channels": ChannelOutput(row.deliveries.all(), many=True).data,
            "appointment": row.appointment_id,
            "created_at": row.created_at,
            "read_at": row.read_at,
        }
