"""What do clients send about queues, and what do they see?"""

from typing import Any

from rest_framework import serializers

from appointments.models import Priority
from appointments.queue import faces
from appointments.queue.models import Queue, Token
from appointments.queue.waits import following
from appointments.queue.waits.reading import minutes
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


class WaitOutput(serializers.Serializer[Any]):
    """A range, learned from the turns of the last sixty days: half are called before it, one in ten after it."""

    from_minutes = serializers.IntegerField()
    to_minutes = serializers.IntegerField()


class TokenOutput(serializers.Serializer[Token]):
    """A number in a queue. `context["places"]` gives the ranks of those who wait, `context["waits"]` how long they will."""

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
    wait = WaitOutput(allow_null=True, help_text="Until the call, from now; null where too little is known, or nobody waits.")
    follow = serializers.URLField(help_text="A page for the patient's own phone, without login: number, place, range.")

    def to_representation(self, token: Token) -> dict[str, Any]:
        shown = faces.face(token, token.queue, self.context["places"].get(token.id))
        wait = minutes(self.context["waits"].get(token.id))
        whose = {"appointment": token.appointment_id, "patient": token.patient_id}
        return {**shown, **whose, "wait": wait, "follow": following.link(token)}


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


class PaceOutput(serializers.Serializer[Any]):
    """What the ranges rest on, and how often they were kept: `kept` of `told` were called before the end of their range."""

    of = serializers.ChoiceField(
        choices=["practitioner", "clinic"], help_text="Whose turns; the clinic's where theirs are few."
    )
    turns = serializers.IntegerField(help_text="From one call to the next, of the last sixty days.")
    median_minutes = serializers.FloatField()
    told = serializers.IntegerField()
    kept = serializers.IntegerField()


class QueueWholeOutput(QueueOutput):
    """With everybody in it: who waits in order, then the others, the newest call first."""

    pace = PaceOutput(allow_null=True, help_text="Null where fewer than twenty turns are known.")
    tokens = TokenOutput(many=True)

    def to_representation(self, queue: Queue) -> dict[str, Any]:
        ranked = faces.ranked(self.context["tokens"])
        context = {"places": {token.id: place for token, place in ranked}, "waits": self.context["waits"]}
        tokens = [TokenOutput(token, context=context).data for token, _ in ranked]
        return {**super().to_representation(queue), "pace": self._pace(), "tokens": tokens}

    def _pace(self) -> dict[str, Any] | None:
        if (pace := self.context["pace"]) is None:
            return None
        counts = {"turns": pace.count, "told": pace.told, "kept": pace.kept}
        return {"of": pace.of, "median_minutes": round(pace.median / 60, 1), **counts}
