"""Does a request stay in one thread under an ASGI server, and is only what came since looked through for garbage?"""

import asyncio
import gc
import threading
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.deprecation import MiddlewareMixin

from healthcare.core import memory
from healthcare.core.serving import Handler

threads: list[tuple[str, int]] = []


def here(what: str) -> None:
    threads.append((what, threading.get_ident()))


class Plain:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        here("plain")
        return self.get_response(request)


class Both(MiddlewareMixin):
    def process_request(self, request: Any) -> None:
        here("both")


def view(request: Any) -> HttpResponse:
    here("view")
    return HttpResponse(request.body, status=409)


urlpatterns = [path("here", view)]


async def answered(app: Any, address: str, body: bytes) -> list[Any]:
    sent: list[Any] = []
    came = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return came.pop(0) if came else await _never()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": address, "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


async def _never() -> None:
    await asyncio.Event().wait()


async def test_all_middleware_and_the_view_run_in_one_thread_beside_the_event_loop(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.{one}" for one in ("Both", "Plain", "Both")]
    threads.clear()
    start, end = await answered(Handler(), "/here", b"said")
    assert (start["status"], end["body"]) == (409, b"said")
    assert [what for what, _ in threads] == ["both", "plain", "both", "view"]
    (one,) = {thread for _, thread in threads}
    assert one != threading.get_ident()


async def test_an_address_that_leads_nowhere_is_answered_too(settings: Any) -> None:
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    assert (await answered(Handler(), "/nowhere", b""))[0]["status"] == 404


def test_the_program_is_set_aside_and_what_comes_after_is_still_collected() -> None:
    before = gc.get_threshold()
    try:
        memory.settle()
        assert gc.get_freeze_count() > 50_000
        assert len(gc.get_objects()) < 5_000
        ring: list[Any] = []
        ring.append(ring)
        del ring
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
