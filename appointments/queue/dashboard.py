"""What do the live queues add to a clinic's dashboard? Who waits where since when, how long people waited, urgent ones."""

from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField, Min, Q
from django.db.models.functions import Extract
from rest_framework import serializers

from appointments import dashboard
from appointments.dashboard import Asked, Section
from appointments.queue.models import Queue, Token
from healthcare.core.cache import APPOINTMENTS, EMERGENCY

QUEUES = "queues"
URGENT = ("emergency", "urgent")
S = Token.Status


class QueueFigures(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    label = serializers.CharField()
    desk = serializers.CharField()
    waiting = serializers.IntegerField()
    called = serializers.IntegerField()
    serving = serializers.IntegerField()
    finished = serializers.IntegerField()
    skipped = serializers.IntegerField()
    longest_waiting_since = serializers.DateTimeField(allow_null=True)


class QueuesFigures(serializers.Serializer[Any]):
    """The open queues of the day; waits are of the people who went in today, in minutes from arrival."""

    waiting = serializers.IntegerField()
    served = serializers.IntegerField()
    wait_median_minutes = serializers.FloatField(allow_null=True)
    wait_p90_minutes = serializers.FloatField(allow_null=True)
    queues = QueueFigures(many=True)


class UrgentFigures(serializers.Serializer[Any]):
    """People with priority emergency or urgent who stand in a queue of the day and were not seen yet."""

    waiting = serializers.IntegerField()
    longest_waiting_since = serializers.DateTimeField(allow_null=True)


class _Percentile(Aggregate):
    """PostgreSQL's percentile_cont; null without rows."""

    function = "percentile_cont"
    template = "%(function)s(%(at)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def count_queues(asked: Asked) -> dict[str, Any]:
    open_ones = Queue.objects.filter(practitioner__user=asked.whose) if asked.whose else Queue.objects.all()
    queues = open_ones.today(asked.now)
    rows = Token.objects.filter(queue__in=queues)
    counts = {
        status: Count("id", filter=Q(status=status)) for status in (S.WAITING, S.CALLED, S.SERVING, S.FINISHED, S.SKIPPED)
    }
    longest = Min("arrived_at", filter=Q(status=S.WAITING))
    named = {status.value: count for status, count in counts.items()}
    by_queue = {row.pop("queue"): row for row in rows.values("queue").annotate(**named, longest_waiting_since=longest)}
    nobody = {**dict.fromkeys(named, 0), "longest_waiting_since": None}
    shown = [{"id": str(one.id), "label": one.label, "desk": one.desk, **by_queue.get(one.id, nobody)} for one in queues]
    waited = ExpressionWrapper(F("started_at") - F("arrived_at"), output_field=DurationField())
    minutes = ExpressionWrapper(Extract(waited, "epoch") / 60.0, output_field=FloatField())
    went_in = rows.filter(started_at__isnull=False).aggregate(
        served=Count("id"), median=_Percentile(minutes, at=0.5), p90=_Percentile(minutes, at=0.9)
    )
    return {
        "waiting": sum(one["waiting"] for one in shown),
        "served": went_in["served"],
        "wait_median_minutes": _rounded(went_in["median"]),
        "wait_p90_minutes": _rounded(went_in["p90"]),
        "queues": shown,
    }


def count_urgent(asked: Asked) -> dict[str, Any]:
    whose = {"queue__practitioner__user": asked.whose} if asked.whose else {}
    here = Token.objects.open().exclude(status=S.SERVING)
    rows = here.filter(queue__is_open=True, arrived_at__gte=asked.day.start, priority__in=URGENT, **whose)
    return rows.aggregate(waiting=Count("id"), longest_waiting_since=Min("arrived_at"))


def _rounded(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 1)


dashboard.add(Section("queues", "queue.view", APPOINTMENTS, count_queues, QueuesFigures, QUEUES))
dashboard.add(Section("urgent", "queue.view", EMERGENCY, count_urgent, UrgentFigures, QUEUES))
