"""What is asked of the trail, and what does it tell?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query
from monitoring.trail.entry import Action
from monitoring.trail.models import ClinicAuditEntry


class AuditQuery(Query):
    """Filters; several narrow each other. `from` is included, `to` is not."""

    object_id = serializers.RegexField(r"^[A-Za-z0-9_.:-]{1,64}\Z", required=False, help_text="Id of the thing it was done to.")
    object_type = serializers.RegexField(r"^[a-z_]+\.[a-z_]+\Z", max_length=120, required=False, help_text="`app.model`")
    actor = serializers.UUIDField(required=False, help_text="Id of the person who did it.")
    action = serializers.ChoiceField(choices=Action.choices, required=False)
    to = serializers.DateTimeField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": serializers.DateTimeField(required=False)}  # a word Python keeps for itself


class AuditEventOutput(serializers.ModelSerializer[ClinicAuditEntry]):
    id = serializers.UUIDField(read_only=True)
    actor = serializers.UUIDField(allow_null=True, help_text="The person; null for a visitor or the product itself.")
    address = serializers.IPAddressField(allow_null=True)
    changes = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(allow_null=True)),
        help_text="`{column: [old, new]}`; • stands for what is masked.",
    )

    class Meta:
        model = ClinicAuditEntry
        fields = (
            *("id", "at", "action", "object_type", "object_id", "actor", "actor_kind"),
            *("request_id", "address", "purpose", "changes"),
        )
