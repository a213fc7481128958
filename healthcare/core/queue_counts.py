"""How full is each job queue? Counted from the job rows, all queues in one statement."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone

from healthcare.core.job_queues import BY_NAME, JOB_QUEUES, JobQueue
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

LATELY = dt.timedelta(minutes=5)


class QueueCounts(NamedTuple):
    """`done` counts the last five minutes; `oldest` is for how long the job that is due longest has been due."""

    queue: JobQueue
    ready: int
    running: int
    done: int
    dead: int
    oldest: dt.timedelta | None


def count(now: dt.datetime | None = None) -> list[QueueCounts]:
    """One entry for each row of the table of job queues, in its order."""
    now = now or timezone.now()
    states = {state: Count("id", filter=Q(state=state)) for state in ("ready", "running", "done", "dead")}
    oldest = Min("due_at", filter=Q(state__in=["ready", "running"], due_at__lte=now))
    counted = Q(state__in=["ready", "running", "dead"]) | Q(state="done", finished_at__gte=now - LATELY)
    with on_platform():
        rows = Job.objects.filter(counted, queue__in=BY_NAME).values_list("queue").annotate(**states, due_since=oldest)
        found = {name: QueueCounts(BY_NAME[name], *numbers, since and now - since) for name, *numbers, since in rows}  # type: ignore[call-arg]
    return [found.get(queue.name, QueueCounts(queue, 0, 0, 0, 0, None)) for queue in JOB_QUEUES]
