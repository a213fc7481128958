"""Which values of the cache still count? Each place has a stamp in the cache's Valkey, a random word; behind a breaker.

A place is `clinic:area:subject`. A stamp that is marked as dirty is about to change; a mark ends by itself after DIRTY_MS.
"""

import logging
import secrets
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings

from healthcare.core import breakers

log = logging.getLogger(__name__)

PREFIX = "hc"
DIRTY = b"!"
DIRTY_MS = 30_000  # longer than any statement may run
STAMP_SECONDS = 86_400
# The stamp, made if there is none.
STAMP = """
local stamp = redis.call('GET', KEYS[1])
if stamp then return stamp end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
"""
# A new stamp after the write, unless another writer's mark stands: theirs ends it.
CLEAN = """
local stamp = redis.call('GET', KEYS[1])
if not stamp or string.sub(stamp, 1, 1) ~= '!' or stamp == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1
"""

_client: Any = None


def store() -> "redis.Redis":
    """The Valkey that may evict (CACHE_URL)."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(settings.CACHE_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
    client: redis.Redis = _client
    return client


def mark() -> bytes:
    """A writer's own mark."""
    return DIRTY + secrets.token_hex(8).encode()


def _stamp_key(place: str) -> str:
    return f"{PREFIX}:stamp:{place}"


def current(place: str) -> str | None:
    """The stamp to read by; None: go straight to the database."""
    word = secrets.token_hex(8)
    found = asked(lambda store: store.eval(STAMP, 1, _stamp_key(place), word, STAMP_SECONDS))
    return found.decode() if isinstance(found, bytes) and not found.startswith(DIRTY) else None


def replaced(place: str, mark: bytes) -> bool:
    """Give the place a new stamp, unless another writer's mark stands. Whether the store was told."""
    word = secrets.token_hex(8)
    return bool(asked(lambda store: store.eval(CLEAN, 1, _stamp_key(place), mark, word, STAMP_SECONDS), always=True))


def marked(place: str, mark: bytes) -> bool:
    return bool(asked(lambda store: store.set(_stamp_key(place), mark, px=DIRTY_MS), always=True))


def put(name: str, body: bytes, seconds: int) -> None:
    asked(lambda store: store.set(name, body, ex=seconds))


def asked(question: Callable[["redis.Redis"], Any], *, always: bool = False) -> Any:
    """The store's answer; False while it is away or (for reads) rests. A write tries each time: others may still read there."""
    breaker = breakers.named("cache", failures=3, rest=5.0)
    if breaker.is_open() and not always:
        return False
    try:
        answer = question(store())
    except redis.RedisError as error:
        breaker.failed()
        log.warning("cache.away", extra={"error": type(error).__name__})
        return False
    breaker.succeeded()
    return answer
