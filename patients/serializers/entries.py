"""What do all entries of a chart have on the wire? Who entered it when; a change says why."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.fields import empty

from healthcare.core.shapes import Query, Strict, Text
from patients.models import FormerVersion

HEAD = ("id", "version", "recorded_by", "recorded_at")


class LongText(Text):
    """Text of some pages."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20_000, **kwargs})


class Changes(Strict):
    """Mixin before an input: what is left out stays as it was; `change_reason` is kept with the former version."""

    change_reason = Text(max_length=500, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required, field.default = False, empty
        return fields


class EntryOutput(serializers.ModelSerializer[Any]):
    """Sealed columns are declared by each subclass: the model does not say what lies in them."""

    id = serializers.UUIDField(read_only=True)
    recorded_by = serializers.UUIDField(read_only=True, allow_null=True)

    head: ClassVar[tuple[str, ...]] = HEAD


class FormerVersionOutput(serializers.ModelSerializer[FormerVersion]):
    """`said`: what stood there, by field; `reason`: why it was changed."""

    id = serializers.UUIDField(read_only=True)
    said = serializers.DictField(child=serializers.JSONField(allow_null=True))
    reason = serializers.CharField()

    class Meta:
        model = FormerVersion
        fields = ("id", "section", "row_id", "number", "said", "reason", "replaced_by", "replaced_at")
        read_only_fields = fields


class HistoryQuery(Query):
    row = serializers.UUIDField(required=False, help_text="Of one entry (or the chart's own id for its record).")
