"""Does a part of the installation answer, now, within a second? Each is asked in a thread of its own, never twice at once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from healthcare.core.db_router import KEYSTORE

PATIENCE = 1.0  # seconds
FRESH = 0.25  # seconds in which the last answer still counts: many who ask at once cost one look


class Probe:
    """A look at one part. A part that hangs keeps one thread, however many ask."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._last: Future[float] | None = None
        self._begun = 0.0

    def begin(self) -> "Future[float]":
        with self._lock:
            if self._last is None or (self._last.done() and time.monotonic() - self._begun > FRESH):
                self._last, self._begun = Future(), time.monotonic()
                threading.Thread(target=self._run, args=(self._last,), daemon=True).start()
            return self._last

    def _run(self, answer: "Future[float]") -> None:
        started = time.perf_counter()
        try:
            self._look()
        except Exception as error:
            answer.set_exception(error)
        else:
            answer.set_result(round((time.perf_counter() - started) * 1000, 1))


def ask(alias: str) -> None:
    """One statement on one of the databases, on this thread's own connection."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()


def ping(url: str) -> None:
    with redis.Redis.from_url(url, socket_timeout=0.8, socket_connect_timeout=0.8) as store:
        store.ping()


PROBES = {
    "database": Probe(lambda: ask(DEFAULT_DB_ALIAS)),
    "keystore": Probe(lambda: ask(KEYSTORE)),
    "limits_store": Probe(lambda: ping(settings.REDIS_URL)),
    "cache": Probe(lambda: ping(settings.CACHE_URL)),
    "broker": Probe(lambda: ping(settings.CELERY_BROKER_URL)),
}


def measure_all() -> dict[str, dict[str, Any]]:
    """Every part, all asked at once, together within PATIENCE: `{"status": "ok", "ms": 0.4}` or `{"status": "away", …}`."""
    until = time.monotonic() + PATIENCE
    asked = {name: probe.begin() for name, probe in PROBES.items()}
    return {name: _answer(future, max(0.0, until - time.monotonic())) for name, future in asked.items()}


def measure(name: str) -> dict[str, Any]:
    return _answer(PROBES[name].begin(), PATIENCE)


def _answer(future: "Future[float]", seconds: float) -> dict[str, Any]:
    try:
        return {"status": "ok", "ms": future.result(seconds)}
    except Exception as error:  # a class name only: texts of drivers name hosts and users
        return {"status": "away", "error": type(error).__name__}
