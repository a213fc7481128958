"""What need not be asked of the database again? One mechanism, two levels: this process's memory and the cache's own Valkey.

    CLINIC.read(f"list:{page}", load)             # load() answers something JSON-ready; asked at most once at a time
    APPOINTMENTS.forget()                         # beside the write, inside its transaction

Every name carries the clinic; outside a clinic, and without `of`, NoClinic is raised. What is of people is sealed under the
clinic's key before it leaves the process' care, in memory too.

Nothing stale is read once a write was answered, in any process: each subject of a clinic has a stamp in Valkey, a random
word that is part of the name of every value and asked on every read. A write marks the stamp as dirty before it commits
(readers go to the database and keep nothing) and replaces it afterwards. A writer that was killed in between leaves a mark
that ends by itself, and with it every older value. Without Valkey everybody goes straight to the database; a mark that could
not be set is owed as a job.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from cachetools import TLRUCache
from django.db import connection, transaction
from prometheus_client import Counter

from healthcare.core import crypto, stamps
from healthcare.core.crypto import Unreadable, clinic_scope
from healthcare.core.keystore import keys

PLATFORM = "platform"  # of what belongs to no clinic: the directory
PATIENCE = 5.0  # seconds to wait for somebody who is loading the same
WHOLE = "whole"
NOTHING = b"null"
MEMORY_BYTES, LARGEST = 32 * 2**20, 256 * 2**10
READS = Counter("cache_reads", "Reads of the cache by area and what became of them.", ["area", "outcome"])
OUTCOMES = ("memory", "store", "loaded", "straight")


@dataclass(frozen=True)
class Area:
    """A kind of thing that is kept so many seconds; `sealed` where it tells of people.

    `while_writing`: also read inside transactions, because every write of such things forgets them before anything reads.
    """

    name: str
    seconds: int
    sealed: bool = True
    while_writing: bool = False

    def read(self, key: str, load: Callable[[], Any], *, subject: str = "", of: UUID | str | None = None) -> Any:
        """The kept value of `key`, or that of `load()`. None is not kept. Raises NoClinic outside a clinic without `of`."""
        place = self._place(subject, of)
        stamp = None if _writing() and not self.while_writing else stamps.current(place)
        if stamp is None:
            READS.labels(self.name, "straight").inc()
            return load()
        name = f"{stamps.PREFIX}:value:{place}:{stamp}:{_digest(key)}"
        with _lock:
            kept = _memory.get(name)
        if kept is not None and (found := self._opened(name, kept.body, of)) is not None:
            READS.labels(self.name, "memory").inc()
            return found
        return self._one_at_a_time(name, load, of)

    def forget(self, *, subject: str = "", of: UUID | str | None = None) -> None:
        """From the end of this transaction on nobody reads the subject's older values; at once outside one."""
        place = self._place(subject, of)
        if not _writing():
            done = stamps.replaced(place, b"")
        else:
            mark = stamps.mark()
            done = stamps.marked(place, mark)
            transaction.on_commit(lambda: stamps.replaced(place, mark))
        if not done:
            _owe(place)

    def _place(self, subject: str, of: UUID | str | None) -> str:
        return f"{_clinic(of)}:{self.name}:{_digest(subject) if subject else WHOLE}"

    def _one_at_a_time(self, name: str, load: Callable[[], Any], of: Any) -> Any:
        with _lock:
            leads = name not in _loading
            future = _loading.setdefault(name, Future())
        if not leads:
            try:
                return orjson.loads(future.result(PATIENCE))
            except Exception:  # whoever led failed or is slow: everybody for themselves
                return load()
        try:
            value = self._found_or_loaded(name, load, of)
            future.set_result(orjson.dumps(value))
            return value
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else RuntimeError())
            raise
        finally:
            with _lock:
                _loading.pop(name, None)

    def _found_or_loaded(self, name: str, load: Callable[[], Any], of: Any) -> Any:
        body = stamps.asked(lambda store: store.get(name))
        if isinstance(body, bytes) and (found := self._opened(name, body, of)) is not None:
            _remember(name, body, self.seconds)
            READS.labels(self.name, "store").inc()
            return found
        plain = orjson.dumps(load())
        READS.labels(self.name, "loaded").inc()
        if plain != NOTHING and len(body := self._closed(name, plain, of)) <= LARGEST:
            stamps.put(name, body, self.seconds)
            _remember(name, body, self.seconds)
        return orjson.loads(plain)  # what the first reader gets is what the next ones will

    def _closed(self, name: str, plain: bytes, of: Any) -> bytes:
        if not self.sealed:
            return plain
        scope = clinic_scope(UUID(_clinic(of)))
        return crypto.seal(plain, keys.newest(scope), crypto.aad(scope, name, UUID(int=0)))

    def _opened(self, name: str, body: bytes, of: Any) -> Any:
        """None for what can't be opened: it is loaded anew."""
        if self.sealed:
            scope = clinic_scope(UUID(_clinic(of)))
            try:
                body = crypto.unseal(body, keys.exact(scope, crypto.generation_of(body)), crypto.aad(scope, name, UUID(int=0)))
            except Unreadable:
                return None
        return orjson.loads(body)


# -- the areas; how long something may be kept even if nobody ever says that it changed

CLINIC = Area("clinic", 3600, sealed=False, while_writing=True)
PATIENT = Area("patient", 1800)
APPOINTMENTS = Area("appointments", 300)
EMERGENCY = Area("emergency", 60)
AREAS = {area.name: area for area in (CLINIC, PATIENT, APPOINTMENTS, EMERGENCY)}


def clear(clinic: UUID | None = None) -> int:
    """Drop everything that is kept, or one clinic's. Answers how many values and stamps. Raises redis.RedisError."""
    with _lock:
        _memory.clear()  # of all clinics: it fills again by itself
    found = list(stamps.store().scan_iter(f"{stamps.PREFIX}:*:{clinic or '*'}:*", count=1000))
    for start in range(0, len(found), 1000):
        stamps.store().unlink(*found[start : start + 1000])
    return len(found)


def forget_memory() -> None:
    """Only what this process keeps (tests begin with nothing)."""
    with _lock:
        _memory.clear()


def figures() -> dict[str, dict[str, Any]]:
    """Reads of this process since it started, by area; the rate of those that needed no database."""
    counts: dict[str, dict[str, int]] = {name: dict.fromkeys(OUTCOMES, 0) for name in AREAS}
    for sample in (s for metric in READS.collect() for s in metric.samples if s.name == "cache_reads_total"):
        counts.setdefault(sample.labels["area"], dict.fromkeys(OUTCOMES, 0))[sample.labels["outcome"]] += int(sample.value)
    return {
        name: {
            **count,
            "hit_rate": round((count["memory"] + count["store"]) / total, 4) if (total := sum(count.values())) else None,
        }
        for name, count in counts.items()
    }


class StoreAway(RuntimeError):
    """The cache's store does not answer; the job that asked it is tried again."""


def renew(*, of: str, area: str, subject: str) -> None:
    """The job's work: what could not be forgotten when it changed. Raises StoreAway."""
    if not stamps.replaced(f"{of}:{area}:{subject.removeprefix('s')}", b""):
        raise StoreAway


_lock = threading.Lock()
_loading: dict[str, "Future[bytes]"] = {}


@dataclass(frozen=True)
class _Kept:
    body: bytes
    seconds: int


_memory: TLRUCache[str, _Kept] = TLRUCache(
    MEMORY_BYTES, ttu=lambda name, kept, now: now + kept.seconds, getsizeof=lambda kept: len(kept.body) + 200
)


def _remember(name: str, body: bytes, seconds: int) -> None:
    with _lock:
        _memory[name] = _Kept(body, seconds)


def _clinic(of: UUID | str | None) -> str:
    from healthcare.core.tenancy import current_clinic  # which finds clinics by this cache

    return str(current_clinic().id if of is None else of)


def _writing() -> bool:
    """Inside a transaction, which may read what it has not committed."""
    return bool(connection.in_atomic_block)


def _digest(text: str) -> str:
    """Keys may hold what somebody typed; names in the store may not."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _owe(place: str) -> None:
    """The store is away: the new stamp is owed, in the transaction of the change where there is one."""
    from healthcare.core.jobs import enqueue

    of, area, subject = place.split(":")
    enqueue("cache.renew", key=f"cache.renew:{secrets.token_hex(8)}", of=of, area=area, subject=f"s{subject}")
