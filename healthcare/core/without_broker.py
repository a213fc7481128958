"""Who wakes the worker while the broker is away? It looks for itself: a message only says that a row is there.

A worker asks its broker once a second. From the first question without an answer until some time after it answers again (until
Celery has surely found its connection), the worker takes what is due straight from the rows: the same `jobs.work`, under the
same locks and the same number at once, so a job that a late message names as well is still done once. While the broker
answers it costs one PING a second and no query.
"""

import logging
import threading
import time
from collections.abc import Collection

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

log = logging.getLogger(__name__)
LOOK = 1.0  # seconds between two looks
PATIENCE = 0.3  # seconds for the broker's answer: what hangs is as good as away
SETTLE = 40.0  # seconds after its first answer: Celery asks for its connection again every 32 s at the latest


class Looking:
    """Looks after these queues until `end`; one thread that looks, one a queue that has something due."""

    def __init__(self, queues: Collection[str], stop: threading.Event | None = None) -> None:
        self.queues = list(queues)
        self.stop = stop or threading.Event()
        self._broker = redis.Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._away_at = float("-inf")
        self._working: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._run, name="without-broker", daemon=True)

    def start(self) -> "Looking":
        self._thread.start()
        return self

    def end(self, patience: float = 30.0) -> None:
        """Take no further job; wait for those that are being done."""
        self.stop.set()
        until = time.monotonic() + patience
        for thread in (self._thread, *self._working.values()):
            thread.join(max(0.0, until - time.monotonic()))

    def is_needed(self) -> bool:
        """Whether the broker is away, or was a moment ago."""
        try:
            self._broker.ping()
        except (redis.RedisError, OSError) as error:
            if time.monotonic() - self._away_at > SETTLE:
                log.warning("broker.away", extra={"error": type(error).__name__})
            self._away_at = time.monotonic()
        return time.monotonic() - self._away_at <= SETTLE

    def look(self) -> None:
        """One look: a thread for each queue that has something due and none at work yet."""
        self._working = {queue: thread for queue, thread in self._working.items() if thread.is_alive()}
        for queue in self._due():
            if queue not in self._working:
                self._working[queue] = threading.Thread(target=self._work, args=(queue,), name=f"without-broker-{queue}")
                self._working[queue].daemon = True
                self._working[queue].start()

    def _run(self) -> None:
        while not self.stop.wait(LOOK):
            try:
                if self.is_needed():
                    self.look()
            except (DatabaseError, InterfaceError) as error:
                log.warning("broker.rows_not_read", extra={"error": type(error).__name__})
            finally:
                connections.close_all()

    def _due(self) -> list[str]:
        now = timezone.now()
        rows = Job.objects.filter(state=Job.State.READY, sent_at__isnull=False, due_at__lte=now, queue__in=self.queues)
        with on_platform():
            return list(rows.order_by("queue").values_list("queue", flat=True).distinct())

    def _work(self, queue: str) -> None:
        """Until nothing is due. A database that is away costs this try; the next look begins another."""
        try:
            while not self.stop.is_set() and jobs.work(queue):
                continue
        except (DatabaseError, InterfaceError) as error:
            log.warning("broker.rows_not_worked", extra={"error": type(error).__name__})
        finally:
            connections.close_all()
