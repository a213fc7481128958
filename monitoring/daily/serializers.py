"""How do a day's figures look on the wire?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query


class DaysQuery(Query):
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False, help_text="Included.")


class DayOutput(serializers.Serializer[Any]):
    """Counts and sums that name nobody; percentiles of waits only where enough people waited."""

    day = serializers.DateField()
    expected = serializers.IntegerField()
    seen = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    no_shows = serializers.IntegerField()
    no_show_rate = serializers.FloatField(allow_null=True)
    walk_ins = serializers.IntegerField()
    waited = serializers.IntegerField()
    wait_p50 = serializers.IntegerField(allow_null=True, help_text="seconds")
    wait_p90 = serializers.IntegerField(allow_null=True, help_text="seconds")
    open_minutes = serializers.IntegerField()
    used_minutes = serializers.IntegerField()
    utilisation = serializers.FloatField(allow_null=True)
    revenue = serializers.DecimalField(max_digits=16, decimal_places=2)
    currency = serializers.CharField()
    counted_at = serializers.DateTimeField()
