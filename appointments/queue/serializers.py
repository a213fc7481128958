"""What do clients send about queues, and what do they see?"""

from typing import Any

from rest_framework import serializers

from appointments.models import Priority
from appointments.queue import faces
from appointments.queue.models import Queue, Token
from healthcare.core.shapes import Query, Strict


class QueueQuery(Query):
    day = serializers.DateField(required=False, help_text="YYYY-MM-DD; left out: every day, the newest first.")
    practitioner = serializers.UUIDField(required=False)


class OpenInput(Strict):
    practitioner = serializers.UUIDField()


class WalkInInput(Strict):
    patient = serializers.UUIDField(required=False, allow_null=True, help_text="Left out: somebody without a chart.")
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)


class TransferInput(Strict):
    queue = serializers.UUIDField(help_text="The open queue to send them on to.")


class ReorderInput(Strict):
    tokens = serializers.ListField(
        child=serializers.UUIDField(), max_length=1000, help_text="Everybody who waits, in the new order."
    )


class TokenOutput(serializers.Serializer[Token]):
    """A number in a queue. `context["places"]` gives the ranks of those who wait."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Token.Status.choices)
    place = serializers.IntegerField(allow_null=True, help_text="Rank among those who wait, from 1.")
    queue = serializers.UUIDField()
    desk = serializers.CharField(help_text="Where they are sent to.")
    called_at = serializers.DateTimeField(allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices)
    appointment = serializers.UUIDField(allow_null=True)
    patient = serializers.UUIDField(allow_null=True)

    def to_representation(self, token: Token) -> dict[str, Any]:
        shown = faces.face(token, token.queue, self.context["places"].get(token.id))
        return {**shown, "appointment": token.appointment_id, "patient": token.patient_id}


class PractitionerBrief(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class CountsOutput(serializers.Serializer[Any]):
    waiting = serializers.IntegerField()
    called = serializers.IntegerField()
    serving = serializers.IntegerField()
    held = serializers.IntegerField()
    skipped = serializers.IntegerField()
    finished = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    transferred = serializers.IntegerField()


class QueueOutput(serializers.Serializer[Queue]):
    id = serializers.UUIDField()
    label = serializers.CharField()
    prefix = serializers.CharField()
    day = serializers.DateField()
    practitioner = PractitionerBrief()
    room = serializers.CharField()
    is_open = serializers.BooleanField()
    seq = serializers.IntegerField(help_text="Number of the last event.")
    counts = CountsOutput()

    def to_representation(self, queue: Queue) -> dict[str, Any]:
        counts = {s.value: getattr(queue, f"n_{s.value}") for s in Token.Status}
        return {**faces.heading(queue), "seq": queue.seq, "counts": counts}


class QueueWholeOutput(QueueOutput):
    """With everybody in it: who waits in order, then the others, the newest call first."""

    tokens = TokenOutput(many=True)

    def to_representation(self, queue: Queue) -> dict[str, Any]:
        ranked = faces.ranked(self.context["tokens"])
        context = {"places": {token.id: place for token, place in ranked}}
        tokens = [TokenOutput(token, context=context).data for token, _ in ranked]
        return {**super().to_representation(queue), "tokens": tokens}
