"""How does a request run under an ASGI server? As under WSGI: in one thread from the first middleware to the last, in its turn.

Django's own handler goes back to the event loop before the view and once more to log a refusal. Nothing of ours is async
between socket and view, so that would be three changes of threads for nothing, which a burst pays for. As many run at once as
there are connections to the database; who waits for a turn longer than one may wait for a connection hears the same: busy. Who
hangs up while waiting is never worked for.
"""

import asyncio
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from prometheus_client import Counter, Histogram
from psycopg_pool import PoolTimeout

from healthcare.core.context import acting_as
from healthcare.core.ids import new_id
from healthcare.core.problems import as_response

# asks for no connection, so it waits for none: whoever supervises the process must not take a full house for a dead one
AT_ONCE = ("/health/live",)
UNPOOLED = {"max_size": 20, "timeout": 10}  # at once, seconds

WAITED = Histogram("http_turn_wait_seconds", "Wait for a turn.", buckets=(0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10))
TURNED_AWAY = Counter("http_turned_away", "Requests answered busy because their turn did not come; nothing was done for them.")


class Handler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        pool = settings.DATABASES["default"]["OPTIONS"].get("pool") or UNPOOLED
        self.turns, self.patience = asyncio.Semaphore(pool["max_size"]), pool["timeout"]

    def load_middleware(self, is_async: bool = False) -> None:
        """All of it for the thread, whatever a middleware could do besides."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: Any) -> Any:
        if request.path in AT_ONCE:
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
        came = time.perf_counter()
        try:
            async with asyncio.timeout(self.patience):
                await self.turns.acquire()
        except TimeoutError:
            TURNED_AWAY.inc()
            return _busy()
        WAITED.observe(time.perf_counter() - came)
        try:
            return await _to_the_end(sync_to_async(self.get_response, thread_sensitive=True)(request))
        finally:
            self.turns.release()


async def _to_the_end(work: Any) -> Any:
    """What has begun in a thread goes on if the client hangs up; the turn is over when it is done, not before."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _busy() -> Any:
    request_id = new_id().hex
    with acting_as(request_id=request_id):
        answer = as_response(PoolTimeout())
    answer["X-Request-ID"] = request_id
    return answer
