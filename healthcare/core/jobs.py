"""How is work owed, carried and done exactly once? A row in the business transaction; Celery only says that it is there.

    enqueue("notification.send", key=f"booked:{a.id}", notification_id=n.id)       # inside the transaction of the change

    @job("notification.send", queue="notification")
    def send(*, notification_id: str) -> None: ...                                  # runs in the clinic, may run twice

A job's effect in our database and its `done` are one transaction under the row's lock: a killed worker leaves neither. The
lock falls with the connection, so another worker takes over at the ticker's next look. A try that outlasts its queue's time
limit loses its connection, as if killed. Effects outside carry the job's key.
"""

import logging
import random
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from healthcare.core import breakers, broker
from healthcare.core.context import acting, acting_as
from healthcare.core.events import NotAnId, only_ids
from healthcare.core.job_queues import BY_NAME
from healthcare.core.models import Job
from healthcare.core.tenancy import clinic_or_none, find_clinic, in_clinic, on_platform

log = logging.getLogger(__name__)
RESEND = timedelta(seconds=3)
OPEN = (Job.State.READY, Job.State.RUNNING)
KEY = re.compile(r"[a-z0-9_.:-]{1,200}\Z")  # ids and codes: no @, no spaces, no capitals
LIMITS = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_timeout', %s, true)"


@dataclass(frozen=True)
class Work:
    name: str
    queue: str
    run: Callable[..., None]
    on_platform: bool = False
    failed: Callable[..., None] | None = None


class UnknownJob(KeyError):
    """No function is registered under this name."""


class KilledItsWorker(RuntimeError):
    """The job was begun more often than it may be and never came to an end."""


class ClinicGone(RuntimeError):
    """The job's clinic is not open (any more)."""


_work: dict[str, Work] = {}


def job(
    name: str, *, queue: str, platform: bool = False, failed: Callable[..., None] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the work behind `name`. `platform`: it runs in public even where a clinic is named.

    `failed(error=…, last=…, **args)` is told of each failed try, after its rollback, in the same place; `last`: no retry
    follows.
    """
    if queue not in BY_NAME:
        raise UnknownJob(queue)

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _work[name] = Work(name, queue, function, platform, failed)
        return function

    return register


def registered() -> dict[str, Work]:
    return dict(_work)


def enqueue(name: str, *, key: str, after: timedelta = timedelta(), clinic_id: UUID | None = None, **args: Any) -> UUID:
    """Owe a piece of work; the same key is owed once. Answers the row's id (of a row that is not there, where the key was).

    Raises UnknownJob, NotAnId.
    """
    work = _work[name] if name in _work else _unknown(name)
    if not KEY.match(key):
        raise NotAnId("key")
    clinic, now = clinic_or_none(), timezone.now()
    row = Job(
        clinic_id=clinic_id or (clinic.id if clinic else None),
        queue=work.queue,
        name=name,
        args=only_ids(args),
        key=key,
        due_at=now + after,
        sent_at=None if after else now,
        request_id=acting().request_id,
    )
    Job.objects.bulk_create([row], ignore_conflicts=True)
    if not after:
        transaction.on_commit(lambda: send(row.id, row.queue))
    return row.id


def send(job_id: UUID, queue: str) -> None:
    """Tell a worker. A broker that is away costs nothing but the ticker's next round."""
    from healthcare.core.tasks import run_job

    breaker = breakers.named("broker", failures=2, rest=5)
    if breaker.is_open():
        return
    try:
        run_job.apply_async(args=[str(job_id)], queue=queue, routing_key=queue, retry=False, ignore_result=True)
        breaker.succeeded()
    except Exception as error:
        if breaker.state == "closed":  # one or two lines an outage, not one a try
            log.warning("job.send_failed", extra={"error": type(error).__name__})
        breaker.failed()


def run(job_id: UUID) -> bool:
    """Do the work of one row if it is owed and nobody else is at it. Answers whether this call did it."""
    if not _begin(job_id):
        return False
    try:
        with transaction.atomic():
            return _under_lock(job_id)
    except Exception as error:
        _failed(job_id, error)
        return False


def _begin(job_id: UUID) -> bool:
    """Count the try in a transaction of its own, so that a job that kills its worker is counted too."""
    now = timezone.now()
    with on_platform(), transaction.atomic():
        owed = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state__in=OPEN, due_at__lte=now)
        if not owed.values_list("id"):
            return False
        Job.objects.filter(id=job_id).update(state=Job.State.RUNNING, attempts=F("attempts") + 1, started_at=now)
    return True


def _under_lock(job_id: UUID) -> bool:
    with on_platform():
        row = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state=Job.State.RUNNING).first()
    if row is None:
        return False
    if row.attempts > BY_NAME[row.queue].retries + 1:  # it killed its worker each time, so no failure was ever noted
        raise KilledItsWorker
    _limit(BY_NAME[row.queue].time_limit)
    with acting_as(request_id=row.request_id, purpose=f"job:{row.name}"):
        _perform(row)
    with on_platform():
        Job.objects.filter(id=job_id).update(state=Job.State.DONE, finished_at=timezone.now(), error="")
    return True


def _limit(seconds: int) -> None:
    """From here to the end of this transaction; the server ends the connection of a transaction that takes longer."""
    with connection.cursor() as cursor:
        cursor.execute(LIMITS, [f"{seconds}s", f"{seconds}s"])


def _perform(row: Job) -> None:
    work = _work.get(row.name) or _unknown(row.name)
    with _place_of(row, work):
        work.run(**row.args)


@contextmanager
def _place_of(row: Job, work: Work) -> Iterator[None]:
    if row.clinic_id is None or work.on_platform:
        with on_platform():
            yield
        return
    clinic = find_clinic(row.clinic_id)
    if clinic is None:
        raise ClinicGone(row.name)
    with in_clinic(clinic):
        yield


def _failed(job_id: UUID, error: Exception) -> None:
    """Back off exponentially from 2 s; after the queue's last retry the job is dead until somebody re-queues it."""
    with transaction.atomic():
        with on_platform():  # a row that is locked was taken over by another worker: its try counts now, not ours
            row = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state=Job.State.RUNNING).first()
            if row is None:
                return
            row.error = type(error).__name__[:120]
            if row.attempts > BY_NAME[row.queue].retries:
                row.state, row.finished_at = Job.State.DEAD, timezone.now()
            else:
                row.state, row.sent_at = Job.State.READY, None
                row.due_at = timezone.now() + back_off(row.attempts)
            row.save()
        _tell_of_failure(row, error)
    facts = {"job": row.name, "job_id": str(job_id), "error": row.error, "state": row.state, "where": _where(error)}
    log.error("job.failed", extra=facts)


def _tell_of_failure(row: Job, error: Exception) -> None:
    work = _work.get(row.name)
    if work is None or work.failed is None:
        return
    try:
        with transaction.atomic(), _place_of(row, work):
            work.failed(error=error, last=row.state == Job.State.DEAD, **row.args)
    except Exception as second:
        log.error("job.failure_not_told", extra={"job": row.name, "error": type(second).__name__, "where": _where(second)})


def _where(error: Exception) -> str:
    """File and line it came from; never its text, which may hold health data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def back_off(attempt: int) -> timedelta:
    return timedelta(seconds=2.0**attempt * random.uniform(0.9, 1.1))  # noqa: S311 (spreading load, no secret)


def retry_dead(job_id: UUID) -> bool:
    """Re-queue a dead job from its beginning. Answers whether it was dead."""
    with on_platform():
        changed = Job.objects.filter(id=job_id, state=Job.State.DEAD).update(
            state=Job.State.READY, attempts=0, due_at=timezone.now(), sent_at=None, finished_at=None
        )
    return bool(changed)


def cancel(key: str) -> bool:
    """Withdraw work that has not begun. Answers whether it was still waiting."""
    with on_platform():
        return bool(Job.objects.filter(key=key, state=Job.State.READY).update(state=Job.State.CANCELLED))


def send_owed(limit: int = 500) -> int:
    """The ticker's round: tell workers of rows that are due and at which nobody is (new, delayed, lost, killed).

    Queues whose messages nobody takes get no more of them: repeating would only pile them up.
    """
    now = timezone.now()
    full = broker.full(limit)
    with on_platform(), transaction.atomic():
        due = Job.objects.filter(state__in=OPEN, due_at__lte=now).filter(Q(sent_at=None) | Q(sent_at__lt=now - RESEND))
        due = due.exclude(queue__in=full)
        rows = list(due.order_by("due_at").select_for_update(skip_locked=True).only("id", "queue")[:limit])
        Job.objects.filter(id__in=[r.id for r in rows]).update(sent_at=now)
    for row in rows:
        send(row.id, row.queue)
    return len(rows)


def _unknown(name: str) -> Work:
    raise UnknownJob(name)
