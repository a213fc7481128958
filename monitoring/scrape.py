"""What does Prometheus read at /metrics? Requests, job queues, sockets, pool, breakers, reviews. From whom is it taken?

Open in development. In production to callers on the machine or a private network, and to who shows METRICS_TOKEN as a bearer
token; a public caller without it is told that there is nothing here.
"""

import os
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from secrets import compare_digest
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from healthcare.core import breakers
from healthcare.core.addresses import client_address
from healthcare.core.realtime.hub import open_sockets
from monitoring import figures, reviews

STATES = ("closed", "half-open", "open")
KEEP = 2.0  # seconds: several scrapers cost one look


class Figures(Collector):
    """Read once a scrape: depth of the job queues; sockets, pool and breakers of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at, self._queues = 0.0, {}  # type: tuple[float, dict[str, dict[str, Any]]]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily("job_queue_jobs", "Jobs by queue and state.", labels=["queue", "state"])
        age = GaugeMetricFamily("job_queue_oldest_seconds", "Age of the oldest job that is due.", labels=["queue"])
        for name, figure in self._depths().items():
            for state in ("waiting", "running", "failed", "later", "dead"):
                depth.add_metric([name, state], figure[state])
            age.add_metric([name], figure["oldest_seconds"])
        lately = GaugeMetricFamily("job_queue_done_last_minute", "Jobs done in the last minute.", labels=["queue"])
        for name, figure in self._depths().items():
            lately.add_metric([name], figure["per_minute"])
        sockets = GaugeMetricFamily("open_sockets", "Sockets open in this process.", value=open_sockets())
        yield from (depth, age, lately, sockets, *_pool(), _breakers(), *self._reviews())

    def _reviews(self) -> Iterator[GaugeMetricFamily]:
        if (overdue := reviews.overdue()) is not None:
            yield GaugeMetricFamily("break_glass_reviews_overdue", "Openings of charts whose review is overdue.", value=overdue)

    def _depths(self) -> dict[str, dict[str, Any]]:
        with self._lock:
            if time.monotonic() - self._read_at > KEEP:
                try:
                    self._queues = figures.queues()
                except Error:
                    self._queues = {}  # a figure that can't be measured is left out, not made up
                self._read_at = time.monotonic()
            return self._queues


def _pool() -> Iterator[GaugeMetricFamily]:
    """Of this process; nothing where it has none."""
    if stats := figures.pool():
        size, idle = stats["pool_size"], stats["pool_available"]
        known = GaugeMetricFamily("db_pool_connections", "Connections of the pool, at work and idle.", labels=["state"])
        known.add_metric(["used"], max(size - idle, 0))
        known.add_metric(["idle"], idle)
        yield known
        yield GaugeMetricFamily("db_pool_limit", "Connections that the pool may have.", value=stats["pool_max"])
        waiting = stats.get("requests_waiting", 0)
        yield GaugeMetricFamily("db_pool_waiting", "Who waits for a connection of the pool.", value=waiting)


def _breakers() -> GaugeMetricFamily:
    """Of this process, which has one for what it has asked since it started."""
    found = GaugeMetricFamily("breaker_state", "1 in the state in which the breaker is.", labels=["breaker", "state"])
    for name, state in breakers.states().items():
        for each in STATES:
            found.add_metric([name, each], float(each == state))
    return found


FIGURES = Figures()


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_scrape(request):
        raise Http404
    own = CollectorRegistry()
    own.register(FIGURES)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several processes on one port: their counts lie in this directory
        MultiProcessCollector(own)
        body = generate_latest(own)
    else:
        body = generate_latest(REGISTRY) + generate_latest(own)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def may_scrape(request: HttpRequest) -> bool:
    if settings.DEVELOPMENT:
        return True
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return True
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    return address.is_loopback or address.is_private
