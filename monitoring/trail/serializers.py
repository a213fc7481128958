"""What is asked of the trail, and what does it tell?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Query
from monitoring.trail.access_log import Who
from monitoring.trail.entry import Action, ActorKind
from monitoring.trail.models import ClinicAuditEntry

NOBODY = Who("", [])


class AuditQuery(Query):
    """Filters; several narrow each other. `from` is included, `to` is not."""

    object_id = serializers.RegexField(r"^[A-Za-z0-9_.:-]{1,64}\Z", required=False, help_text="Id of the thing it was done to.")
    object_type = serializers.RegexField(r"^[a-z_]+\.[a-z_]+\Z", max_length=120, required=False, help_text="`app.model`")
    actor = serializers.UUIDField(required=False, help_text="Id of the person who did it.")
    action = serializers.ChoiceField(choices=Action.choices, required=False)
    actor_kind = serializers.ChoiceField(choices=ActorKind.choices, required=False)
    patient = serializers.UUIDField(required=False, help_text="Id of a patient it is about: changes, looks and exports alike.")
    purpose = serializers.RegexField(r"^[A-Za-z0-9_:.-]{1,120}\Z", required=False)
    request_id = serializers.RegexField(r"^[A-Za-z0-9._-]{8,64}\Z", required=False)
    to = serializers.DateTimeField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": serializers.DateTimeField(required=False)}  # a word Python keeps for itself


class AuditEventOutput(serializers.ModelSerializer[ClinicAuditEntry]):
    id = serializers.UUIDField(read_only=True)
    actor = serializers.UUIDField(allow_null=True, help_text="The person; null for a visitor or the product itself.")
    address = serializers.IPAddressField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    subjects = serializers.ListField(child=serializers.UUIDField(), allow_null=True, help_text="The patients it is about.")
    changes = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(allow_null=True)),
        help_text="`{column: [old, new]}`; • stands for what is masked.",
    )

    class Meta:
        model = ClinicAuditEntry
        fields = (
            *("id", "at", "action", "object_type", "object_id", "actor", "actor_kind"),
            *("session", "request_id", "address", "purpose", "subjects", "changes"),
        )


class AccessQuery(Query):
    """`from` is included, `to` is not."""

    action = serializers.ChoiceField(choices=Action.choices, required=False)
    disclosures = serializers.BooleanField(required=False, help_text="Only what left the clinic (45 CFR 164.528).")
    to = serializers.DateTimeField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": serializers.DateTimeField(required=False)}


class AccessOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    action = serializers.ChoiceField(choices=Action.choices)
    who = serializers.SerializerMethodField(help_text="Name as the clinic knows it; empty for somebody at the database.")
    roles = serializers.SerializerMethodField(help_text="Roles in this clinic, held now or at some time.")
    is_own = serializers.SerializerMethodField(help_text="The patient's own look.")
    what = serializers.SerializerMethodField(help_text="Kinds of things that were seen or changed, `app.model`.")
    purpose = serializers.CharField()

    def get_who(self, entry: Any) -> str:
        return self._person(entry).name

    def get_roles(self, entry: Any) -> list[str]:
        return self._person(entry).roles

    def get_is_own(self, entry: Any) -> bool:
        return entry.actor is not None and entry.actor == self.context["own"]

    def get_what(self, entry: Any) -> list[str]:
        seen = entry.changes.get("seen", [None, None])[1]
        return sorted(seen) if isinstance(seen, dict) else [entry.object_type]

    def _person(self, entry: Any) -> Who:
        return self.context["people"].get(entry.actor, NOBODY)  # type: ignore[no-any-return]
