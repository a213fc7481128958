"""How often may this happen? Exact counters: one Lua step in Valkey, the same rule in PostgreSQL while Valkey is away."""

import hashlib
import logging
from datetime import timedelta
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from healthcare.core import breakers
from healthcare.core.errors import TooMany
from healthcare.core.models import Count
from healthcare.core.tenancy import on_platform

log = logging.getLogger(__name__)

# Counts first, then tells: [count, milliseconds left]. The window starts with its first hit.
HIT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
"""


class Limit(NamedTuple):
    """At most `times` in `seconds` for one subject (an identifier, an address, a session)."""

    name: str
    times: int
    seconds: int


_client: Any = None


def store() -> "redis.Redis":
    """The Valkey that never evicts (limits, sockets, broker)."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    client: redis.Redis = _client
    return client


def hit(limit: Limit, subject: str) -> None:
    """Count one use. Raises TooMany with the seconds to wait when the limit is passed."""
    count, wait_ms = _count(_key(limit, subject), limit.seconds)
    if count > limit.times * settings.LIMITS_TIMES:
        raise TooMany(retry_after=max(1, -(-wait_ms // 1000)))


def give_back(limit: Limit, subject: str) -> None:
    """Take one use back (a success does not count against the person)."""
    key = _key(limit, subject)
    try:
        if int(store().decr(key)) < 0:  # type: ignore[arg-type]
            store().delete(key)
    except redis.RedisError:
        with on_platform():
            Count.objects.filter(key=key, count__gt=0).update(count=_minus_one())


def _count(key: str, seconds: int) -> tuple[int, int]:
    breaker = breakers.named("limits", failures=3, rest=5)
    if not breaker.is_open():
        try:
            answer: Any = store().eval(HIT, 1, key, seconds * 1000)
            count, left = answer
            breaker.succeeded()
            return int(count), int(left)
        except redis.RedisError as error:
            breaker.failed()
            log.warning("limits.store_away", extra={"error": type(error).__name__})
    return _count_in_database(key, seconds)


def _count_in_database(key: str, seconds: int) -> tuple[int, int]:
    now = timezone.now()
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO limit_count AS c (key, count, until) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN c.until <= %s THEN 1 ELSE c.count + 1 END,"
            " until = CASE WHEN c.until <= %s THEN excluded.until ELSE c.until END RETURNING count, until",
            [key, now + timedelta(seconds=seconds), now, now],
        )
        count, until = cursor.fetchone()
    return count, int((until - now).total_seconds() * 1000)


def _key(limit: Limit, subject: str) -> str:
    """Subjects are identifiers of people, so only their digest is stored."""
    return f"limit:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:40]}"


def _minus_one() -> Any:
    from django.db.models import F

    return F("count") - 1
