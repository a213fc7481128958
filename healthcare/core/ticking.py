"""How does time move the work on? A round every half second: owe what the clock says, tell workers of what is owed."""

import datetime as dt
import logging
import threading
from collections.abc import Callable

import redis
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from healthcare.core import owed
from healthcare.core.periodic import Periodic, Timetable
from healthcare.core.upkeep import beat

log = logging.getLogger(__name__)
ROUND = 0.5  # seconds
BEAT_EVERY = dt.timedelta(seconds=2)
LONGEST_PAUSE = 5.0


class Ticker:
    """Runs until `stop` is set. A database or broker that is away costs one line in the log and the rounds until it is back."""

    def __init__(self, entries: tuple[Periodic, ...], stop: threading.Event) -> None:
        self.timetable = Timetable(entries)
        self.stop = stop
        self.failures = 0
        self._beat_at = dt.datetime.min.replace(tzinfo=dt.UTC)

    def run(self) -> None:
        while not self.stop.wait(self.pause):
            self.guarded(self.round)

    @property
    def pause(self) -> float:
        return min(LONGEST_PAUSE, ROUND * 2 ** min(self.failures, 10)) if self.failures else ROUND

    def round(self) -> None:
        now = timezone.now()
        self.timetable.owe(now)
        owed.send_owed()
        if now - self._beat_at >= BEAT_EVERY:
            beat("ticker", now)
            self._beat_at = now

    def guarded(self, work: Callable[[], None]) -> None:
        """Do it; note an outage once when it begins and once when it is over."""
        try:
            work()
        except (DatabaseError, InterfaceError, redis.RedisError, OSError) as error:
            if not self.failures:
                log.error("ticker.waits", extra={"error": type(error).__name__})
            self.failures += 1
            connections.close_all()
        else:
            if self.failures:
                log.warning("ticker.goes_on", extra={"rounds_missed": self.failures})
            self.failures = 0
