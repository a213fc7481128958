"""What do screens and those who approve them send and see?"""

from typing import Any

from rest_framework import serializers

from accounts.models import Display
from appointments.queue import faces
from appointments.queue.serializers import PractitionerBrief
from healthcare.core.shapes import LanguageField, Strict, Text


class ApproveInput(Strict):
    code = Text(max_length=20, help_text="As the screen shows it.")
    name = Text(max_length=80, help_text="Where it hangs.")
    practitioners = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=50, help_text="Whose queues it shows; left out: all."
    )
    languages = serializers.ListField(child=LanguageField(), default=list, max_length=8)


class AnnouncedOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="To be shown, ten minutes long.")
    secret = serializers.CharField(help_text="To be kept; said once.")
    expires_at = serializers.DateTimeField()


class ScreenTicketOutput(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds")


class ClinicBrief(serializers.Serializer[Any]):
    name = serializers.CharField()
    zone = serializers.CharField()
    language = serializers.CharField()


class ScreenQueueOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    label = serializers.CharField()
    practitioner = PractitionerBrief()
    room = serializers.CharField()


class DisplayOutput(serializers.Serializer[Display]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[("pending", "pending"), ("paired", "paired")])
    name = serializers.CharField()
    clinic = ClinicBrief(allow_null=True)
    languages = serializers.ListField(child=serializers.CharField())
    show = serializers.ChoiceField(choices=[("number", "number")])
    queues = ScreenQueueOutput(many=True)

    def to_representation(self, row: Display) -> dict[str, Any]:
        clinic = self.context["clinic"]
        own = clinic and {"name": clinic.name, "zone": clinic.zone, "language": clinic.language}
        languages = row.languages or (clinic and (clinic.languages or [clinic.language])) or []
        queues = [{k: faces.heading(q)[k] for k in ("id", "label", "practitioner", "room")} for q in self.context["queues"]]
        status = "paired" if clinic else "pending"
        shown = {"id": str(row.id), "status": status, "name": row.name, "clinic": own, "languages": languages}
        return {**shown, "show": "number", "queues": queues}


class DisplayRowOutput(serializers.ModelSerializer[Display]):
    class Meta:
        model = Display
        fields = ("id", "name", "practitioners", "languages", "approved_by", "approved_at", "last_seen_at", "version")
        read_only_fields = fields
