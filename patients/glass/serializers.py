"""What does a clinician say to open a chart, the reviewer of it, and what do they see?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query, Strict, Text
from patients.glass.models import Opening


class GlassInput(Strict):
    """One of patient and mrn: who is not one's patient is not found by name."""

    also = {"oneOf": [{"required": ["patient"]}, {"required": ["mrn"]}]}

    patient = serializers.UUIDField(required=False)
    mrn = Text(max_length=20, required=False)
    reason = Text(min_length=10, max_length=500, help_text="The reviewer reads it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("patient" in attrs) == ("mrn" in attrs):
            raise serializers.ValidationError("Give one of patient, mrn.", code="one_criterion")
        return attrs


class GlassReviewInput(Strict):
    finding = serializers.ChoiceField(Opening.Finding.choices)
    remark = Text(max_length=1000, required=False, allow_blank=True, default="")


class GlassQuery(Query):
    review = serializers.ChoiceField(["open", "overdue", "closed"], required=False)
    user = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)


class GlassOutput(serializers.ModelSerializer[Opening]):
    id = serializers.UUIDField(read_only=True)
    user = serializers.UUIDField(source="user_id")
    patient = serializers.UUIDField(source="patient_id")
    mrn = serializers.CharField(source="patient.mrn")
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_open = serializers.SerializerMethodField()
    review = serializers.SerializerMethodField(help_text="open, overdue (after 72 hours) or closed")
    remark = serializers.CharField()

    class Meta:
        model = Opening
        fields = (
            *("id", "user", "patient", "mrn", "reason", "opened_at", "ends_at", "is_open"),
            *("review", "finding", "remark", "reviewed_at", "reviewed_by"),
        )

    def get_is_open(self, row: Opening) -> bool:
        return row.is_open(self.context["now"])

    def get_review(self, row: Opening) -> str:
        if row.reviewed_at is not None:
            return "closed"
        return "overdue" if row.is_overdue(self.context["now"]) else "open"
