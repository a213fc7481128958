"""How does the event loop read the database? In a few threads of its own, each reading inside a `with` block of one clinic."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from channels.db import database_sync_to_async

from healthcare.core.realtime.rooms import NoRoom
from healthcare.core.tenancy import find_clinic, in_clinic

T = TypeVar("T")
# Few on purpose: a thousand sockets that come back at once must not drain the pool of connections.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="realtime")


def in_thread(call: Callable[..., T], *args: object) -> Awaitable[T]:
    return database_sync_to_async(call, thread_sensitive=False, executor=_threads)(*args)  # type: ignore[no-any-return]


def in_clinic_of(clinic_id: UUID, call: Callable[..., T], *args: object) -> T:
    """Call inside the clinic. Raises NoRoom when it is not open."""
    clinic = find_clinic(clinic_id)
    if clinic is None:
        raise NoRoom
    with in_clinic(clinic):
        return call(*args)
