"""How many requests, how long did they take, by route? Counted here, told at /metrics; and one log line each.

Routes are patterns, never addresses: labels must be few, and addresses may hold what people typed.
"""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from monitoring.routes import route_of
from monitoring.trail.refusals import place_of

log = logging.getLogger("healthcare.access")

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Counter("http_requests", "Requests by route, method and class of status.", ["route", "method", "status"])
SECONDS = Histogram("http_request_seconds", "Time to answer, by route and method.", ["route", "method"], buckets=BUCKETS)


class Measured:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        note(request, response, time.perf_counter() - started)
        return response


def note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    route, method = route_of(request), request.method if request.method in METHODS else "other"
    REQUESTS.labels(route, method, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(route, method).observe(seconds)
    clinic, _ = place_of(request, response)
    known = {"clinic": clinic.id} if clinic is not None else {}
    told = {"route": route, "method": method, "status": response.status_code, "ms": round(seconds * 1000, 1)}
    log.info("request", extra=told | known)


def totals() -> dict[str, int | float | None]:
    """Requests of this process since it started; times in milliseconds, p99 as the bucket it falls into."""
    requests, errors, buckets, seconds = 0.0, 0.0, dict.fromkeys([*map(float, BUCKETS), float("inf")], 0.0), 0.0
    for sample in (s for metric in (*REQUESTS.collect(), *SECONDS.collect()) for s in metric.samples):
        if sample.name == "http_requests_total":
            requests += sample.value
            errors += sample.value if sample.labels["status"] == "5xx" else 0
        elif sample.name == "http_request_seconds_bucket":
            buckets[float(sample.labels["le"])] += sample.value
        elif sample.name == "http_request_seconds_sum":
            seconds += sample.value
    p99 = next((edge for edge, count in buckets.items() if requests and count >= requests * 0.99), None)
    return {
        "requests": int(requests),
        "server_errors": int(errors),
        "average_ms": round(seconds / requests * 1000, 1) if requests else None,
        "p99_ms": p99 * 1000 if p99 and p99 != float("inf") else None,
    }
