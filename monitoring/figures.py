"""What do operators see of the inside? Pool, job queues, workers by work done, breakers, stores, versions: all measured."""

import platform
from datetime import timedelta
from typing import Any

import django
import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Count, Q
from django.utils import timezone

from healthcare.core import breakers
from healthcare.core.job_queues import BY_NAME, GROUPS, JOB_QUEUES
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from monitoring import health
from monitoring.walls import clinic_roles

LATELY = timedelta(minutes=5)


def detailed() -> dict[str, Any]:
    report, _ = health.report()
    depths = queues()
    return report | {
        "pool": pool(),
        "queues": depths,
        "workers": workers(),
        "breakers": breakers.states(),
        "cache": store(settings.CACHE_URL),
        "walls": {"clinic_roles": clinic_roles()},
        "replication": replication(),
        "versions": versions(),
    }


def pool() -> dict[str, int]:
    """The connection pool of this process; empty where there is none."""
    made = getattr(connections[DEFAULT_DB_ALIAS], "pool", None)
    return {k: int(v) for k, v in made.get_stats().items()} if made else {}


def queues() -> dict[str, dict[str, Any]]:
    """Each of the job queues: waiting, running, dead, done lately, age of the oldest that is due (seconds)."""
    now = timezone.now()
    due = Q(state=Job.State.READY, due_at__lte=now)
    with on_platform():
        rows = Job.objects.exclude(state=Job.State.CANCELLED).filter(
            ~Q(state=Job.State.DONE) | Q(finished_at__gte=now - LATELY)
        )
        found = rows.values("queue").annotate(
            waiting=Count("id", filter=Q(state=Job.State.READY)),
            running=Count("id", filter=Q(state=Job.State.RUNNING)),
            dead=Count("id", filter=Q(state=Job.State.DEAD)),
            done_lately=Count("id", filter=Q(state=Job.State.DONE)),
            oldest=_oldest(due),
        )
        by_queue = {row.pop("queue"): row for row in found}
    return {queue.name: _depth(by_queue.get(queue.name), now) for queue in JOB_QUEUES}


def _oldest(due: Q) -> Any:
    from django.db.models import Min

    return Min("due_at", filter=due)


def _depth(row: dict[str, Any] | None, now: Any) -> dict[str, Any]:
    row = row or {"waiting": 0, "running": 0, "dead": 0, "done_lately": 0, "oldest": None}
    oldest = row.pop("oldest")
    return row | {"oldest_seconds": round((now - oldest).total_seconds(), 1) if oldest else 0.0}


def workers() -> dict[str, dict[str, Any]]:
    """Each worker group: its last sign of work, and the jobs it did lately."""
    with on_platform():
        done = Job.objects.filter(state=Job.State.DONE, finished_at__gte=timezone.now() - LATELY)
        counts = dict(done.values_list("queue").annotate(n=Count("id")))
    groups = health.worked()["workers"]["groups"]
    by_group = dict.fromkeys(GROUPS, 0)
    for queue, count in counts.items():
        if queue in BY_NAME:
            by_group[BY_NAME[queue].group] += count
    return {group: {**groups.get(group, {"status": "unknown"}), "done_lately": by_group[group]} for group in GROUPS}


def store(url: str) -> dict[str, Any]:
    """Hits, misses and memory of a Valkey, by its own account."""
    try:
        with redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            info: dict[str, Any] = client.info()  # type: ignore[assignment]
    except redis.RedisError as error:
        return {"status": "away", "error": type(error).__name__}
    hits, misses = int(info["keyspace_hits"]), int(info["keyspace_misses"])
    rate = round(hits / (hits + misses), 4) if hits + misses else None
    memory = {"memory_bytes": int(info["used_memory"]), "evicted": int(info["evicted_keys"])}
    return {"status": "ok", "hits": hits, "misses": misses, "hit_rate": rate, **memory}


def replication() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_replication)")
        is_replica, replicas = cursor.fetchone()
    return {"is_replica": is_replica, "replicas": replicas}


def versions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {
        "product": str(settings.SPECTACULAR_SETTINGS["VERSION"]),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": str(server),
    }
