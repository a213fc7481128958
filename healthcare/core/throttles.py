"""How often may this happen? Exact counters: one Lua step in Valkey, the same rule in PostgreSQL while it is away or hangs."""

import hashlib
import logging
from datetime import timedelta
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

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
PEEK = "return {tonumber(redis.call('GET', KEYS[1]) or '0'), 0}"
GIVE_BACK = """
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n > 0 then n = redis.call('DECR', KEYS[1]) end
return {n, redis.call('PTTL', KEYS[1])}
"""


class Limit(NamedTuple):
    """At most `times` in `seconds` for one subject (an identifier, an address, a session).

    `guards`: it guards a secret. Then what Valkey lets through is counted in PostgreSQL as well, so that neither its end
    nor its coming back, forgetful, gives anybody a try more.
    """

    name: str
    times: int
    seconds: int
    guards: bool = False

    @property
    def allowed(self) -> int:
        return int(self.times * settings.LIMITS_TIMES)


_client: Any = None


def store() -> "redis.Redis":
    """The Valkey that never evicts (limits, sockets, broker). One short try: what hangs is as good as away."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
        )
    client: redis.Redis = _client
    return client


def hit(limit: Limit, subject: str) -> None:
    """Count one use. Raises TooMany with the seconds to wait when the limit is passed."""
    key = _key(limit, subject)
    counted = _in_store(HIT, key, limit.seconds * 1000)
    if counted is None or (limit.guards and counted[0] <= limit.allowed):
        counted = _count_in_database(key, limit.seconds)
    count, wait_ms = counted
    if count > limit.allowed:
        raise TooMany(retry_after=max(1, -(-wait_ms // 1000)))


def count(limit: Limit, subject: str, by: int = 1) -> int:
    """Add to a counter and say how high it is; `by=0` only asks. Nothing is refused."""
    key = _key(limit, subject)
    counted = _in_store(HIT if by else PEEK, key, limit.seconds * 1000)
    if counted is not None:
        return counted[0]
    if by:
        return _count_in_database(key, limit.seconds)[0]
    with on_platform():
        found = Count.objects.filter(key=key, until__gt=timezone.now()).values_list("count", flat=True).first()
    return found or 0


def give_back(limit: Limit, subject: str) -> None:
    """Take one use back (a success does not count against the person)."""
    key = _key(limit, subject)
    if _in_store(GIVE_BACK, key, 0) is None or limit.guards:
        with on_platform():
            Count.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)


def _in_store(script: str, key: str, argument: int) -> tuple[int, int] | None:
    """What the script answers, or None while Valkey is away or hangs."""
    breaker = breakers.named("limits", failures=3, rest=5)
    if breaker.is_open():
        return None
    try:
        answer: Any = store().eval(script, 1, key, argument)
    except redis.RedisError as error:
        breaker.failed()
        log.warning("limits.store_away", extra={"error": type(error).__name__})
        return None
    breaker.succeeded()
    count, left = answer
    return int(count), int(left)


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
