"""How does the frame look after itself? Jobs that show that workers work, and that throw away what has served its time."""

import datetime as dt
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from healthcare.core import cache
from healthcare.core.ids import first_id_at
from healthcare.core.job_queues import GROUPS, names
from healthcare.core.jobs import job
from healthcare.core.models import Count, Heartbeat, Job, StoredAnswer

KEEP_JOBS = timedelta(days=7)  # a periodic job's bucket must be shorter than this, or its key would be free again
KEEP_HEARTBEATS = timedelta(hours=1)
KEEP_ANSWERS = timedelta(hours=24)
BATCH = 5000
HEARTBEAT = "core.heartbeat"


def beat(part: str, now: dt.datetime | None = None) -> None:
    """Note that this part of the product did its work just now."""
    row = Heartbeat(part=part, seen_at=now or timezone.now())
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["part"], update_fields=["seen_at"])


def _heartbeat_of(group: str) -> Callable[[], None]:
    return lambda: beat(f"worker:{group}")


for _group in GROUPS:
    job(f"{HEARTBEAT}.{_group}", queue=names(_group)[0], platform=True)(_heartbeat_of(_group))


@job("cache.renew", queue="clinic-appointment", platform=True, codes=("of", "area", "subject"))
def renew_stamp(*, of: str, area: str, subject: str) -> None:
    """A change that the cache's store could not be told of when it was made."""
    cache.renew(of=of, area=area, subject=subject)


@job("core.prune_jobs", queue="clinic-appointment", platform=True)
def prune_jobs() -> None:
    """Forget jobs long done or withdrawn; dead ones stay until somebody decides."""
    now = timezone.now()
    ended = Job.objects.filter(state__in=[Job.State.DONE, Job.State.CANCELLED])
    old = Q(id__lt=first_id_at(now - KEEP_JOBS)) & (Q(finished_at=None) | Q(finished_at__lt=now - KEEP_JOBS))
    _prune(ended.filter(old))
    _prune(ended.filter(id__lt=first_id_at(now - KEEP_HEARTBEATS), name__startswith=f"{HEARTBEAT}."))


@job("core.prune_answers", queue="clinic-appointment", platform=True)
def prune_answers() -> None:
    """Forget stored answers and counts whose time is over."""
    now = timezone.now()
    _prune(StoredAnswer.objects.filter(created_at__lt=now - KEEP_ANSWERS))
    _prune(Count.objects.filter(until__lt=now))


def _prune(rows: QuerySet) -> None:
    """At most one batch: what is left over goes with the next run, and no run holds its locks for long."""
    rows.model._default_manager.filter(pk__in=rows.values("pk")[:BATCH]).delete()
