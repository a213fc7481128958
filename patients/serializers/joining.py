"""Charts that are one person's, and charts that go: on the wire."""

from rest_framework import serializers

from healthcare.core.shapes import Strict, Text
from patients.models import Erasure, LegalHold, Merge


class MergeInput(Strict):
    """`source` becomes part of the chart in the path."""

    source = serializers.UUIDField()
    reason = Text(max_length=500)


class MergeOutput(serializers.ModelSerializer[Merge]):
    """`moved`: by table and column, the ids of what came along."""

    id = serializers.UUIDField(read_only=True)
    source = serializers.UUIDField(source="source_id")
    target = serializers.UUIDField(source="target_id")
    reason = serializers.CharField()
    moved = serializers.DictField(child=serializers.ListField(child=serializers.UUIDField()))

    class Meta:
        model = Merge
        fields = ("id", "source", "target", "reason", "moved", "account_moved", "by", "at", "undone_by", "undone_at")
        read_only_fields = fields


class LinkInput(Strict):
    """`account`: the chart that the person opened by signing up. The desk has seen who they are."""

    account = serializers.UUIDField()


class ErasureInput(Strict):
    basis = serializers.ChoiceField(choices=Erasure.Basis.choices)


class ErasureOutput(serializers.ModelSerializer[Erasure]):
    id = serializers.UUIDField(read_only=True)
    patient = serializers.UUIDField(source="patient_id")

    class Meta:
        model = Erasure
        fields = (
            "id",
            "patient",
            "basis",
            "asked_by",
            "asked_at",
            "confirmed_by",
            "confirmed_at",
            "key_destroyed_at",
            "cancelled_at",
        )
        read_only_fields = fields


class LegalHoldInput(Strict):
    reason = Text(max_length=500)


class LegalHoldOutput(serializers.ModelSerializer[LegalHold]):
    id = serializers.UUIDField(read_only=True)
    reason = serializers.CharField()

    class Meta:
        model = LegalHold
        fields = ("id", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at")
        read_only_fields = fields
