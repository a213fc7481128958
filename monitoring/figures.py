"""What do operators see of the inside? Pool, job queues, workers by work done, breakers, stores, versions: all measured."""

import platform
from typing import Any

import django
import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

from healthcare.core import breakers, cache, queue_counts
from healthcare.core.job_queues import GROUPS, names
from monitoring import health, reviews
from monitoring.walls import clinic_roles, sessions


def detailed() -> dict[str, Any]:
    report, _ = health.report()
    depths = queues()
    return report | {
        "pool": pool(),
        "queues": depths,
        "workers": workers(depths),
        "breakers": breakers.states(),
        "cache": {**store(settings.CACHE_URL), "areas": cache.figures()},
        "reviews": {"break_glass_overdue": reviews.overdue()},
        "walls": {"clinic_roles": clinic_roles(), "sessions": sessions()},
        "replication": replication(),
        "versions": versions(),
    }


def pool() -> dict[str, int]:
    """The connection pool of this process; empty where there is none."""
    made = getattr(connections[DEFAULT_DB_ALIAS], "pool", None)
    return {k: int(v) for k, v in made.get_stats().items()} if made else {}


def queues() -> dict[str, dict[str, Any]]:
    """Each of the job queues: what waits (of it: failed before, not due yet), runs, is dead, was done in five minutes and in
    the last one, and for how many seconds the oldest has been due."""
    return {
        c.queue.name: {
            "waiting": c.ready,
            "running": c.running,
            "failed": c.failed,
            "later": c.later,
            "dead": c.dead,
            "done_lately": c.done,
            "per_minute": c.per_minute,
            "oldest_seconds": round(c.oldest.total_seconds(), 1) if c.oldest else 0.0,
        }
        for c in queue_counts.count()
    }


def workers(depths: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each worker group: its last sign of work, and the jobs it did lately."""
    groups = health.worked()["workers"]["groups"]
    done = {group: sum(depths[name]["done_lately"] for name in names(group)) for group in GROUPS}
    return {group: {**groups.get(group, {"status": "unknown"}), "done_lately": done[group]} for group in GROUPS}


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
