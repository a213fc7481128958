"""How do webhooks and events look on the wire?"""

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from healthcare.core.shapes import Query, Strict, TargetField
from notifications.webhooks.models import WebhookDelivery
from notifications.webhooks.outward import EVENTS


class EventNames(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.ChoiceField(list(EVENTS)), max_length=len(EVENTS), **kwargs)


class WebhookInput(Strict):
    url = TargetField(help_text="https, on the public Internet.")
    events = EventNames(required=False, default=list, help_text="Names of events; empty: all.")


class WebhookChange(Strict):
    url = TargetField(required=False)
    events = EventNames(required=False)
    is_active = serializers.BooleanField(required=False)


class WebhookOutput(serializers.Serializer[Any]):
    """Without the address' path and query: they may hold a token of the integrator's."""

    id = serializers.UUIDField()
    host = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class SecretOutput(WebhookOutput):
    secret = serializers.CharField(help_text="Shown this once.")


class DeliveryQuery(Query):
    state = serializers.ChoiceField(WebhookDelivery.State.choices, required=False)


class DeliveryOutput(serializers.Serializer[Any]):
    event = serializers.UUIDField(source="event_id")
    state = serializers.ChoiceField(WebhookDelivery.State.choices)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status of the last answer; null: none.")
    at = serializers.DateTimeField()


class ReplayInput(Strict):
    since = serializers.DateTimeField(
        required=False, allow_null=True, default=None, default_timezone=dt.UTC, help_text="Left out: what lies dead."
    )


class ReplayOutput(serializers.Serializer[Any]):
    owed = serializers.IntegerField(help_text="Deliveries owed anew, at most 1000 a call.")


class FeedQuery(Query):
    after = serializers.UUIDField(required=False, help_text="The id of the last event you have; left out: from the beginning.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=500, default=100)


class EventOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    at = serializers.DateTimeField()
    payload = serializers.DictField(help_text="Ids and short codes.")


@extend_schema_serializer(many=False)  # one page with its cursor, not a list
class FeedOutput(serializers.Serializer[Any]):
    events = EventOutput(many=True)
    cursor = serializers.UUIDField(allow_null=True, help_text="For `after` of the next call.")
