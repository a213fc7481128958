"""How does a ledger entry look on the wire, and how does a person say how they want to be told?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query, Strict, TargetField, Text
from notifications import words
from notifications.facts import Facts
from notifications.ledger import EntryState, TurnState
from notifications.messages import CHANNELS, MESSAGES
from notifications.models import Preference

CHANNEL_NAMES = [channel.name for channel in CHANNELS]
DECLINABLE = [kind.code for kind in MESSAGES if kind.may_be_declined]


class NotificationQuery(Query):
    unread = serializers.BooleanField(required=False, help_text="Only those not read yet.")


class ReadInput(Strict):
    """Nothing to say: the first reading counts."""


class ChannelOutput(serializers.Serializer[Any]):
    channel = serializers.CharField()
    state = serializers.ChoiceField(TurnState.choices)
    at = serializers.DateTimeField()


class NotificationOutput(serializers.Serializer[Any]):
    """`text` is put into words when it is read, from what is true then. Needs `facts` in its context."""

    id = serializers.UUIDField()
    message = serializers.ChoiceField([kind.code for kind in MESSAGES])
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(EntryState.choices)
    channels = ChannelOutput(many=True)
    appointment = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, row: Any) -> dict[str, Any]:
        known: Facts = self.context["facts"][row.pk]
        said = words.Words("", "") if known.missing else words.in_short(row, known)
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


class PreferenceInput(Strict):
    channels = serializers.ListField(
        child=serializers.ChoiceField(CHANNEL_NAMES),
        max_length=len(CHANNEL_NAMES),
        required=False,
        help_text="In the order of your liking; what is left out is not used. Empty: as each message has it.",
    )
    declined = serializers.ListField(
        child=serializers.ChoiceField(DECLINABLE), max_length=len(DECLINABLE), required=False, help_text="Kinds you don't want."
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True, help_text="Wall clock of your zone.")
    quiet_until = serializers.TimeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("quiet_from" in attrs) != ("quiet_until" in attrs) or (attrs.get("quiet_from") is None) != (
            attrs.get("quiet_until") is None
        ):
            raise serializers.ValidationError({"quiet_until": "Quiet hours have a beginning and an end."}, code="incomplete")
        return {name: list(dict.fromkeys(value)) if isinstance(value, list) else value for name, value in attrs.items()}


class LearnedOutput(serializers.Serializer[Any]):
    channel = serializers.CharField(allow_null=True, help_text="What reaches you best; used while you name no channels.")
    hour = serializers.IntegerField(allow_null=True, help_text="When you read most; for messages that are in no hurry.")


class PreferenceOutput(serializers.Serializer[Preference]):
    channels = serializers.ListField(child=serializers.ChoiceField(CHANNEL_NAMES))
    declined = serializers.ListField(child=serializers.ChoiceField(DECLINABLE))
    quiet_from = serializers.CharField(allow_null=True, help_text="HH:MM")
    quiet_until = serializers.CharField(allow_null=True, help_text="HH:MM")
    may_decline = serializers.ListField(child=serializers.CharField())
    learned = LearnedOutput()

    def to_representation(self, row: Preference) -> dict[str, Any]:
        return {
            "channels": row.channels,
            "declined": row.declined,
            "quiet_from": row.quiet_from and row.quiet_from.strftime("%H:%M"),
            "quiet_until": row.quiet_until and row.quiet_until.strftime("%H:%M"),
            "may_decline": DECLINABLE,
            "learned": {"channel": row.learned_channel or None, "hour": row.learned_hour},
        }


class PushKeyOutput(serializers.Serializer[Any]):
    public_key = serializers.CharField(allow_null=True, help_text="`applicationServerKey`; null where push is not set up.")


class DeviceInput(Strict):
    """What a browser's `PushSubscription` says."""

    endpoint = TargetField()
    public_key = serializers.RegexField(r"^[A-Za-z0-9_-]{80,100}=*\Z", help_text="`keys.p256dh`")
    secret = serializers.RegexField(r"^[A-Za-z0-9_-]{20,30}=*\Z", help_text="`keys.auth`")
    name = Text(max_length=80, required=False, allow_blank=True, default="")


class DeviceRemoval(Strict):
    endpoint = serializers.URLField(max_length=1000)


class DeviceOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
