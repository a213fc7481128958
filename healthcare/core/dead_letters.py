"""What becomes of a job that failed for the last time? It is kept, people are told, and somebody decides."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from healthcare.core.events import Event, publish
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobDied(Event):
    """On the platform: whoever runs the installation is told by the app that tells people."""

    job_id: UUID
    queue: str


def bury(row: Job) -> None:
    """The caller holds the row's lock, in public."""
    row.state, row.finished_at = Job.State.DEAD, timezone.now()
    row.save()
    publish(JobDied(job_id=row.id, queue=row.queue))
    log.error("job.died", extra={"job": row.name, "job_id": str(row.id), "queue": row.queue, "error": row.error})


def retry_dead(job_id: UUID) -> bool:
    """Re-queue a dead job from its beginning. Answers whether it was dead."""
    now = timezone.now()
    anew = {
        "state": Job.State.READY,
        "attempts": 0,
        "lost": 0,
        "due_at": now,
        "rank_at": now,
        "sent_at": None,
        "finished_at": None,
    }
    with on_platform():
        return bool(Job.objects.filter(id=job_id, state=Job.State.DEAD).update(**anew))


def discard_dead(job_id: UUID) -> bool:
    """Somebody decided that it is not to be done. Answers whether it was dead."""
    with on_platform():
        dead = Job.objects.filter(id=job_id, state=Job.State.DEAD)
        return bool(dead.update(state=Job.State.CANCELLED, finished_at=timezone.now()))
