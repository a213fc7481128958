"""What do clients send and see of series and group sessions?"""

from typing import Any

from rest_framework import serializers

from appointments.models import GroupSession, Series
from appointments.serializers import DoctorBrief, Instant
from healthcare.core.shapes import Strict, Text

LEAST_SEATS, MOST_SEATS = 2, 200


class SeriesInput(Strict):
    kind = serializers.CharField(max_length=40)
    doctor = serializers.UUIDField()
    starts_at = Instant()
    rule = serializers.CharField(max_length=200, help_text="RFC 5545, as FREQ=WEEKLY;BYDAY=MO;COUNT=10.")
    skip = serializers.BooleanField(default=False, help_text="Book those that can be; left out: all or none.")
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")
    patient = serializers.UUIDField(required=False, help_text="The desk says whose; a patient books for themself.")


class EndInput(Strict):
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")


class OccurrenceOutput(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    appointment = serializers.UUIDField(source="appointment_id", allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Codes: why none was booked.")


class SeriesBrief(serializers.Serializer[Series]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    doctor = DoctorBrief(source="practitioner")
    rule = serializers.CharField()
    begins = serializers.DateTimeField()
    zone = serializers.CharField()
    state = serializers.ChoiceField(choices=Series.State.choices)
    booked_until = serializers.DateTimeField(help_text="Occurrences up to here have been looked at.")
    version = serializers.IntegerField()


class SeriesOutput(SeriesBrief):
    occurrences = OccurrenceOutput(many=True, source="occurrences.all")


class GroupInput(Strict):
    kind = serializers.CharField(max_length=40)
    doctor = serializers.UUIDField()
    starts_at = Instant()
    seats = serializers.IntegerField(min_value=LEAST_SEATS, max_value=MOST_SEATS)
    title = Text(max_length=120, required=False, allow_blank=True, default="")


class JoinInput(Strict):
    patient = serializers.UUIDField(required=False, help_text="The desk says who; a patient joins themself.")
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")


class GroupSessionOutput(serializers.Serializer[GroupSession]):
    """Never who joins: that is in each appointment."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    doctor = DoctorBrief(source="practitioner")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    seats = serializers.IntegerField()
    free = serializers.IntegerField()
    is_cancelled = serializers.BooleanField()
    version = serializers.IntegerField()
