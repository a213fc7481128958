"""How is work owed, carried and done exactly once? A row in the business transaction; Celery only says that one is there.

    enqueue("notification.send", key=f"booked:{a.id}", notification_id=n.id)       # inside the transaction of the change

    @job("notification.send", queue="notification")
    def send(*, notification_id: str) -> None: ...                                  # runs in the clinic, may run twice

A job's effect in our database and its `done` are one transaction under the row's lock: a killed worker leaves neither. The
lock falls with the connection, so another worker takes over at the ticker's next look. A try that outlasts its queue's time
limit loses its connection, as if killed. Effects outside carry the job's key. A message names a queue, not a job: which job
is next is decided when a worker is free (`picking.py`), so nobody waits behind another clinic's ten thousand.
"""

import logging
import random
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from healthcare.core import dead_letters, holding, picking, waking
from healthcare.core.bulkheads import Bulkhead
from healthcare.core.context import acting, acting_as
from healthcare.core.events import NotAnId, only_ids
from healthcare.core.gathering import put, settle
from healthcare.core.job_queues import BY_NAME
from healthcare.core.models import Job, Priority
from healthcare.core.tenancy import clinic_or_none, find_clinic, in_clinic, on_platform

log = logging.getLogger(__name__)
HEAD_STARTS = {Priority.URGENT: timedelta(hours=1), Priority.NORMAL: timedelta(), Priority.LOW: timedelta(minutes=-10)}
OPEN = (Job.State.READY, Job.State.RUNNING)
MOST_LOST = 20  # workers; who was beside the job that kills them loses some too, so one job's few tries would be too few
KEY = re.compile(r"[a-z0-9_.:-]{1,200}\Z")  # ids and codes: no @, no spaces, no capitals
LIMITS = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_timeout', %s, true)"


@dataclass(frozen=True)
class Work:
    name: str
    queue: str
    run: Callable[..., None]
    on_platform: bool = False
    failed: Callable[..., None] | None = None
    priority: Priority = Priority.NORMAL
    codes: frozenset[str] = frozenset()


class UnknownJob(KeyError):
    """No function is registered under this name."""


class KilledItsWorker(RuntimeError):
    """Too many workers were lost while they were at the job."""


class ClinicGone(RuntimeError):
    """The job's clinic is not open (any more)."""


_work: dict[str, Work] = {}
_bulkhead = Bulkhead()


def job(
    name: str,
    *,
    queue: str,
    platform: bool = False,
    failed: Callable[..., None] | None = None,
    priority: Priority = Priority.NORMAL,
    codes: Iterable[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the work behind `name`. `platform`: it runs in public even where a clinic is named.

    `priority` orders the jobs of one clinic in one queue; between clinics they take turns.

    `codes`: arguments that hold words of ours; all others are ids, numbers, booleans or None.

    `failed(error=…, last=…, **args)` is told of each failed try, after its rollback, in the same place; `last`: no retry
    follows.
    """
    if queue not in BY_NAME:
        raise UnknownJob(queue)

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _work[name] = Work(name, queue, function, platform, failed, priority, frozenset(codes))
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
        args=only_ids(args, work.codes),
        key=key,
        priority=work.priority,
        due_at=now + after,
        rank_at=rank(now + after, work.priority),
        sent_at=None if after else now,
        request_id=acting().request_id,
    )
    put(row)
    if not after:
        waking.after_commit(row.queue)
    return row.id


def rank(due_at: datetime, priority: int) -> datetime:
    """Where a job stands among those of its clinic: an urgent one as if due an hour earlier, a low one ten minutes later."""
    return due_at - HEAD_STARTS[Priority(priority)]


def work(queue: str, number: int = 1) -> int:
    """Do the next jobs of a queue, fairest first; also those whose wake-ups found this process busy. Answers how many.

    At most the queue's own number at once, so that a provider that hangs holds its own queue up and no other; and one more,
    for a clinic that none of them is for.
    """
    done = 0
    for turn in _bulkhead.turns(queue, BY_NAME[queue].concurrency, number):
        with on_platform(), transaction.atomic():
            found = picking.begin_next(queue, but=turn.but)
        if found is None:
            turn.found_nothing()
        else:
            turn.begins(found.place)
            done += _finish(found.job_id)
    return done


def begin_no_more() -> None:
    """This process is about to end: it does what it has begun, however much waits."""
    _bulkhead.close()


def run(job_id: UUID) -> bool:
    """Do the work of one row if it is owed and nobody else is at it. Answers whether this call did it."""
    return _begin(job_id) and _finish(job_id)


def _finish(job_id: UUID) -> bool:
    """To the end of the try; until then this session holds the job (`holding.py`)."""
    done = False
    try:
        with transaction.atomic():
            done = _under_lock(job_id)
    except Exception as error:
        done = False
        _failed(job_id, error)
    finally:
        if not done:
            holding.release(job_id)
    return done


def _begin(job_id: UUID) -> bool:
    """Count the try in a transaction of its own, so that a job that kills its worker is counted too."""
    now = timezone.now()
    with on_platform(), transaction.atomic():
        owed = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state__in=OPEN, due_at__lte=now)
        if not owed.values_list("id"):
            return False
        with connection.cursor() as cursor:
            cursor.execute(holding.BEGIN, [now, job_id])
    return True


def _under_lock(job_id: UUID) -> bool:
    with on_platform():
        row = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state=Job.State.RUNNING).first()
    if row is None:
        return False
    if row.lost > MOST_LOST:
        raise KilledItsWorker
    _limit(BY_NAME[row.queue].time_limit)
    with acting_as(request_id=row.request_id, purpose=f"job:{row.name}"):
        _perform(row)
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(holding.DONE, [timezone.now(), job_id])
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
    """Back off exponentially from 2 s; after the queue's last retry the job is a dead letter."""
    with transaction.atomic():
        with on_platform():  # a row that is locked was taken over by another worker: its try counts now, not ours
            row = Job.objects.select_for_update(skip_locked=True).filter(id=job_id, state=Job.State.RUNNING).first()
            if row is None:
                return
            row.error = type(error).__name__[:120]
            if row.attempts > BY_NAME[row.queue].retries or row.lost > MOST_LOST:
                dead_letters.bury(row)
            else:
                row.state, row.sent_at = Job.State.READY, None
                row.due_at = timezone.now() + back_off(row.attempts)
                row.rank_at = rank(row.due_at, row.priority)
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


def cancel(*keys: str) -> int:
    """Withdraw work that has not begun. Answers how many of the keys were still waiting."""
    settle()
    with on_platform():
        waiting = Job.objects.filter(key__in=keys, state=Job.State.READY)
        return waiting.update(state=Job.State.CANCELLED, finished_at=timezone.now())


def _unknown(name: str) -> Work:
    raise UnknownJob(name)
