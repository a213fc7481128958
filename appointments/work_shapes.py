"""What is seen of stations, orders, instructions and follow-ups?"""

from typing import Any

from rest_framework import serializers

from appointments.models import FollowUp, Instruction, ServiceOrder, Station
from healthcare.core.shapes import Query, Strict, Text


class InstructionOutput(serializers.Serializer[Instruction]):
    id = serializers.UUIDField()
    phase = serializers.ChoiceField(choices=Instruction.Phase.choices)
    text = serializers.CharField()
    due_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class StationOutput(serializers.Serializer[Station]):
    id = serializers.UUIDField()
    place = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    minutes = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Station.State.choices)
    began_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ReportInput(Strict):
    result = Text(max_length=20_000)


class OrderOutput(serializers.Serializer[ServiceOrder]):
    id = serializers.UUIDField()
    service = serializers.CharField()
    accession = serializers.CharField()
    specimen = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ServiceOrder.State.choices)
    result = serializers.CharField(allow_null=True)
    collected_at = serializers.DateTimeField(allow_null=True)
    reported_at = serializers.DateTimeField(allow_null=True)


class FollowUpQuery(Query):
    state = serializers.ChoiceField(choices=FollowUp.State.choices, required=False)


class FollowUpOutput(serializers.Serializer[FollowUp]):
    id = serializers.UUIDField()
    after = serializers.UUIDField(source="appointment_id")
    kind = serializers.CharField()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(choices=FollowUp.State.choices)
    booked = serializers.UUIDField(source="booked_id", allow_null=True)
    version = serializers.IntegerField()


def unpaged(rows: Any, output: Any, **more: Any) -> dict[str, Any]:
    """Few rows of one appointment, as a list that is one page."""
    return {"next": None, "previous": None, "results": output(rows, many=True, **more).data}
