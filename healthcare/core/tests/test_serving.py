"""Does a request stay in one thread under an ASGI server, and is only what came since looked through for garbage?"""

import asyncio
import gc
import json
import threading
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import path
from django.utils.deprecation import MiddlewareMixin
from prometheus_client import REGISTRY

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


held = threading.Event()


def slow(request: Any) -> HttpResponse:
    here("slow")
    held.wait(20)
    return HttpResponse()


urlpatterns = [path("here", view), path("slow", slow), path("health/live", view)]


@pytest.fixture
def one_turn(settings: Any) -> Handler:
    """Room for one request at a time; who is given it, waits until `held` is set."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    threads.clear()
    held.clear()
    handler = Handler()
    handler.turns = asyncio.Semaphore(1)
    return handler


def turned_away() -> float:
    return float(REGISTRY.get_sample_value("http_turned_away_total") or 0)


async def until_it_runs(count: int) -> None:
    while len(threads) < count:
        await asyncio.sleep(0.01)


async def answered(app: Any, address: str, body: bytes, hangs_up: asyncio.Event | None = None) -> list[Any]:
    """What is sent to a client who listens to the end, or hangs up when told."""
    sent: list[Any] = []
    came = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if came:
            return came.pop(0)
        await (hangs_up or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": address, "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


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


async def test_who_waits_for_a_turn_too_long_hears_that_the_service_is_busy(one_turn: Handler) -> None:
    first = asyncio.create_task(answered(one_turn, "/slow", b""))
    await until_it_runs(1)
    one_turn.patience = 0.05
    before = turned_away()
    start, end = await answered(one_turn, "/here", b"")
    assert turned_away() == before + 1
    told = json.loads(end["body"])
    assert (start["status"], told["code"], dict(start["headers"])[b"X-Request-ID"].decode()) == (
        503,
        "overloaded",
        told["request_id"],
    )
    held.set()
    assert (await first)[0]["status"] == 200
    assert (await answered(one_turn, "/here", b""))[0]["status"] == 409


async def test_whether_the_process_lives_is_told_in_a_full_house(one_turn: Handler) -> None:
    first = asyncio.create_task(answered(one_turn, "/slow", b""))
    await until_it_runs(1)
    assert (await answered(one_turn, "/health/live", b""))[1]["body"] == b""
    assert [what for what, _ in threads] == ["slow", "view"]
    held.set()
    await first


async def test_who_hangs_up_while_waiting_is_not_worked_for_and_what_runs_keeps_its_turn(one_turn: Handler) -> None:
    gone = asyncio.Event()
    first = asyncio.create_task(answered(one_turn, "/slow", b"", gone))
    await until_it_runs(1)
    others = [asyncio.create_task(answered(one_turn, "/here", b"", gone)) for _ in range(5)]
    await asyncio.sleep(0.1)
    gone.set()
    await asyncio.wait(others)
    assert one_turn.turns.locked()
    assert not first.done()
    held.set()
    assert await first == []
    assert [what for what, _ in threads] == ["slow"]
    assert (await answered(one_turn, "/here", b""))[0]["status"] == 409


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
