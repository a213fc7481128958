"""How full is each job queue, and how fast does it empty? Counted from the job rows, all queues in two statements."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone

from healthcare.core.job_queues import BY_NAME, JOB_QUEUES, JobQueue
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

LATELY = dt.timedelta(minutes=5)
MINUTE = dt.timedelta(minutes=1)


class QueueCounts(NamedTuple):
    """`failed` are those of `ready` that wait for another try; `later` those that are not due yet. `done` counts the last five
    minutes, `per_minute` the last one; `oldest` is for how long the job that is due longest has been due."""

    queue: JobQueue
    ready: int
    running: int
    failed: int
    later: int
    dead: int
    oldest: dt.timedelta | None
    done: int
    per_minute: int


def count(now: dt.datetime | None = None) -> list[QueueCounts]:
    """One entry for each row of the table of job queues, in its order."""
    now = now or timezone.now()
    with on_platform():
        open_ones, done = _open_and_dead(now), _done(now)
    nothing: Any = (0, 0, 0, 0, 0, None)
    return [QueueCounts._make((q, *open_ones.get(q.name, nothing), *done.get(q.name, (0, 0)))) for q in JOB_QUEUES]


def _open_and_dead(now: dt.datetime) -> dict[str, tuple[Any, ...]]:
    counted = {
        "n_ready": Count("id", filter=Q(state="ready")),
        "n_running": Count("id", filter=Q(state="running")),
        "n_failed": Count("id", filter=Q(state="ready", attempts__gt=0)),
        "n_later": Count("id", filter=Q(state="ready", due_at__gt=now)),
        "n_dead": Count("id", filter=Q(state="dead")),
        "due_since": Min("due_at", filter=Q(state__in=["ready", "running"], due_at__lte=now)),
    }
    rows = Job.objects.filter(state__in=["ready", "running", "dead"], queue__in=BY_NAME).order_by()
    found = rows.values_list("queue").annotate(**counted)
    return {name: (*numbers, since and now - since) for name, *numbers, since in found}


def _done(now: dt.datetime) -> dict[str, tuple[int, int]]:
    rows = Job.objects.filter(state="done", finished_at__gte=now - LATELY, queue__in=BY_NAME).order_by()
    found = rows.values_list("queue").annotate(lately=Count("id"), minute=Count("id", filter=Q(finished_at__gte=now - MINUTE)))
    return {name: (lately, minute) for name, lately, minute in found}
