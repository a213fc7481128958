"""Is the product well? Each part measured just now, or by the last work it did."""

import time
from typing import Any

from django.db import Error
from django.utils import timezone

from healthcare.core.job_queues import GROUPS
from healthcare.core.models import Heartbeat
from healthcare.core.tenancy import on_platform
from monitoring import probes

STALE = 45.0  # seconds without work
WARM_UP = 60.0  # seconds in which a part that never worked is starting
STARTED = time.monotonic()

Part = dict[str, Any]


def report() -> tuple[dict[str, Any], int]:
    """The public report and its HTTP status: 503 without the database, else 200 and `ok` or `degraded`."""
    parts: dict[str, Any] = probes.measure_all()
    there = parts["database"]["status"] == "ok"
    parts |= worked() if there else {"ticker": {"status": "unknown"}, "workers": {"status": "unknown", "groups": {}}}
    well = all(part["status"] == "ok" for part in parts.values())
    return {"status": "ok" if well else "degraded", "parts": parts}, 200 if there else 503


def worked() -> dict[str, Part]:
    """The ticker and the worker groups, by when they last did something."""
    try:
        with on_platform():
            seen = dict(Heartbeat.objects.values_list("part", "seen_at"))
    except Error as error:
        lost = {"status": "unknown", "error": type(error).__name__}
        return {"ticker": lost, "workers": {**lost, "groups": {}}}
    groups = {group: _since(seen.get(f"worker:{group}")) for group in GROUPS}
    return {"ticker": _since(seen.get("ticker")), "workers": {"status": _worst(groups), "groups": groups}}


def _since(seen_at: Any) -> Part:
    if seen_at is None:
        return {"status": "starting" if time.monotonic() - STARTED < WARM_UP else "away"}
    age = (timezone.now() - seen_at).total_seconds()
    return {"status": "ok" if age <= STALE else "stale", "seconds_ago": round(max(age, 0.0), 1)}


def _worst(groups: dict[str, Part]) -> str:
    found = {part["status"] for part in groups.values()}
    return next((status for status in ("away", "stale", "starting") if status in found), "ok")
