"""Imports, on the wire: what is sent, how far it is, what became of each row."""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query, Strict
from patients.models import ImportedRow, ImportRun

OUTCOMES = ("made", "there", "duplicate", "refused", "would_make")


class ImportInput(Strict):
    """A form with the file. `dry_run` (true unless said) makes nothing; it comes first."""

    file = serializers.FileField()
    format = serializers.ChoiceField(choices=ImportRun.Format.choices)
    dry_run = serializers.BooleanField(required=False, default=True)


class ImportRunOutput(serializers.ModelSerializer[ImportRun]):
    """`cursor` of `total` rows are done; `counts` by outcome."""

    id = serializers.UUIDField(read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = ImportRun
        fields = ("id", "format", "is_dry", "state", "total", "cursor", "counts", "started_by", "started_at", "finished_at")
        read_only_fields = fields


class RowFaultOutput(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()


class ImportedRowOutput(serializers.ModelSerializer[ImportedRow]):
    """What became of a row. Fields and codes, never a value."""

    faults = RowFaultOutput(many=True)

    class Meta:
        model = ImportedRow
        fields = ("number", "what", "outcome", "faults", "made_id")
        read_only_fields = fields


class ImportedRowQuery(Query):
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)
