"""What do clients send and see of leave and of emergencies for which others make room?"""

from typing import Any

from rest_framework import serializers

from appointments.models import Leave, LeaveHit, Override
from appointments.serializers import DoctorBrief, Instant
from healthcare.core.shapes import Strict, Text

PRESSING = (("emergency", "Emergency"), ("urgent", "Urgent"))


class LeavePreviewInput(Strict):
    doctor = serializers.UUIDField()
    starts_at = Instant()
    ends_at = Instant()


class LeaveInput(LeavePreviewInput):
    cancel_unplaced = serializers.BooleanField(default=False, help_text="Cancel those for whom nothing is found.")


class LeaveHitOutput(serializers.Serializer[Any]):
    """Where the appointment was, and where it goes or went."""

    appointment = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=LeaveHit.Outcome.choices)
    was_at = serializers.DateTimeField()
    doctor = serializers.UUIDField(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)


class LeavePreviewOutput(serializers.Serializer[Any]):
    hits = LeaveHitOutput(many=True)


class LeaveBrief(serializers.Serializer[Leave]):
    id = serializers.UUIDField()
    doctor = DoctorBrief(source="practitioner")
    starts_at = serializers.DateTimeField(source="during.lower")
    ends_at = serializers.DateTimeField(source="during.upper")
    state = serializers.ChoiceField(choices=Leave.State.choices)
    version = serializers.IntegerField()


class LeaveOutput(LeaveBrief):
    hits = LeaveHitOutput(many=True)

    def to_representation(self, row: Leave) -> Any:
        brief = LeaveBrief(row, context=self.context).data
        return {**brief, "hits": [shown_hit(hit) for hit in row.hits.order_by("was_at", "pk")]}


def shown_hit(hit: LeaveHit) -> dict[str, Any]:
    went = {"doctor": hit.went_to and str(hit.went_to), "starts_at": hit.went_at and hit.went_at.isoformat()}
    return {"appointment": str(hit.appointment_id), "outcome": hit.outcome, "was_at": hit.was_at.isoformat(), **went}


class OverrideInput(Strict):
    kind = serializers.CharField(max_length=40)
    doctor = serializers.UUIDField()
    patient = serializers.UUIDField()
    starts_at = Instant()
    priority = serializers.ChoiceField(choices=PRESSING)
    reason = Text(max_length=500)


class OverrideOutput(serializers.Serializer[Override]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    doctor = DoctorBrief(source="practitioner")
    starts_at = serializers.DateTimeField()
    priority = serializers.ChoiceField(choices=PRESSING)
    state = serializers.ChoiceField(choices=Override.State.choices)
    asked_by = serializers.UUIDField(allow_null=True)
    decided_by = serializers.UUIDField(allow_null=True)
    appointment = serializers.UUIDField(source="appointment_id", allow_null=True)
    version = serializers.IntegerField()
