"""How full is each job queue? Counted from the job rows, all queues in one statement."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone

from healthcare.core.job_queues import JOB_QUEUES, JobQueue
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform


class QueueCounts(NamedTuple):
    """`oldest` is for how long the job that is due longest has been due (ready or running)."""

    queue: JobQueue
    ready: int
    running: int
    done: int
    dead: int
    oldest: dt.timedelta | None


def count(now: dt.datetime | None = None) -> list[QueueCounts]:
    """One entry for each row of the table of job queues, in its order. Done jobs count for as long as they are kept."""
    now = now or timezone.now()
    states = {state: Count("id", filter=Q(state=state)) for state in ("ready", "running", "done", "dead")}
    oldest = Min("due_at", filter=Q(state__in=["ready", "running"], due_at__lte=now))
    with on_platform():
        found = {row.pop("queue"): row for row in Job.objects.values("queue").annotate(**states, due_since=oldest)}
    return [_counts(queue, found.get(queue.name, {}), now) for queue in JOB_QUEUES]


def _counts(queue: JobQueue, row: dict[str, object], now: dt.datetime) -> QueueCounts:
    due_since = row.get("due_since")
    numbers = [int(str(row.get(state, 0))) for state in ("ready", "running", "done", "dead")]
    return QueueCounts(queue, *numbers, oldest=now - due_since if isinstance(due_since, dt.datetime) else None)  # type: ignore[misc]
