"""Who gets in at a socket, and what may they say?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from healthcare.core.ids import new_id
from healthcare.core.realtime import socket
from healthcare.core.tests.realtime import CLOSED, Doorkeeper, Memory, Played, a_clinic, application

HELLO = {"type": "hello", "ticket": "anybody"}


class Door:
    def __init__(self, clinic_id: UUID) -> None:
        self.room = new_id()
        self.gate = Doorkeeper(clinic_id, self.room)
        self.log = Memory(self.room)
        self.played: list[Played] = []
        self.allowed = True

    def connect(self, *, origin: str | None = None, room: UUID | None = None) -> Played:
        one = Played(application(self.log, self.gate, lambda *_: self.allowed), origin=origin, id=room or self.room)
        self.played.append(one)
        return one


@pytest.fixture
def clinic_id(monkeypatch: pytest.MonkeyPatch) -> UUID:
    return a_clinic(monkeypatch)


@pytest_asyncio.fixture
async def door(clinic_id: UUID) -> AsyncIterator[Door]:
    made = Door(clinic_id)
    made.gate.ticket()
    yield made
    for one in made.played:
        if not one.task.done():
            await one.leave()


async def test_a_ticket_lets_in_once(door: Door) -> None:
    first, second = door.connect(), door.connect()
    first.say(HELLO)
    assert (await first.get())["type"] == "snapshot"
    second.say(HELLO)
    assert await second.get() == (CLOSED, 4401)


async def test_a_forged_ticket_is_refused(door: Door) -> None:
    one = door.connect()
    one.hello("forged")
    assert await one.get() == (CLOSED, 4401)


async def test_who_says_nothing_is_closed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_WITHIN", 0.2)
    assert await door.connect().get() == (CLOSED, 4401)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "null",
        '"hello"',
        "[" * 4000,
        "x" * 4097,
        '{"type": "hello"}',
        '{"type": "hello", "ticket": 7}',
        '{"type": "hello", "ticket": ""}',
        '{"type": "snapshot", "ticket": "anybody"}',
        '{"type": "hello", "ticket": "anybody", "since": -1}',
        '{"type": "hello", "ticket": "anybody", "since": "3"}',
        '{"type": "hello", "ticket": "anybody", "since": 1.5}',
        '{"type": "hello", "ticket": "anybody", "since": true}',
        '{"type": "hello", "ticket": "anybody", "since": 9223372036854775808}',
        '{"type": "hello", "ticket": "\\ud800", "since": 0}',
    ],
)
async def test_what_is_no_hello_is_closed_as_malformed(door: Door, said: str) -> None:
    one = door.connect()
    one.say(said)
    assert await one.get() == (CLOSED, 4400)


async def test_bytes_are_malformed(door: Door) -> None:
    one = door.connect()
    one.inbox.put_nowait({"type": "websocket.receive", "bytes": b"{}"})
    assert await one.get() == (CLOSED, 4400)


async def test_who_speaks_after_the_hello_is_closed(door: Door) -> None:
    one = door.connect()
    one.say(HELLO)
    await one.get()
    one.say(HELLO)
    assert await one.get() == (CLOSED, 4400)


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:8088", "https://localhost", "http://north.localhost:1"])
async def test_our_own_pages_and_devices_without_a_page_get_in(door: Door, origin: str | None) -> None:
    one = door.connect(origin=origin)
    one.say(HELLO)
    assert (await one.get())["type"] == "snapshot"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://localhost.evil.example", "http://[", "file://"])
async def test_a_page_of_somebody_else_is_turned_away_at_the_door(door: Door, origin: str) -> None:
    one = door.connect(origin=origin)
    assert await one.get() == (CLOSED, 4403)


async def test_who_may_not_listen_is_told_so_whether_the_room_exists_or_not(door: Door) -> None:
    door.allowed = False
    codes = []
    for room in (door.room, new_id()):
        door.gate.ticket()
        one = door.connect(room=room)
        one.say(HELLO)
        codes.append(await one.get())
    assert codes == [(CLOSED, 4403)] * 2


async def test_an_unknown_room_is_closed(door: Door) -> None:
    for since in (None, 0):
        door.gate.ticket()
        one = door.connect(room=new_id())
        one.hello("anybody", since)
        assert await one.get() == (CLOSED, 4404)


async def test_a_client_that_goes_before_its_hello_leaves_nothing(door: Door) -> None:
    one = door.connect()
    await one.leave()
    assert one.task.result() is None


async def test_a_client_that_goes_right_after_its_hello_leaves_nothing(door: Door) -> None:
    one = door.connect()
    one.say(HELLO)
    await asyncio.sleep(0)
    await one.leave()
    assert one.task.result() is None


@pytest.mark.parametrize("path", ["/ws/nothing", "/ws/queues/7", "/", "/ws/queues/\u00e9"])
async def test_an_address_that_leads_nowhere_is_closed_as_unknown(path: str) -> None:
    from channels.routing import URLRouter

    from healthcare.sockets import urlpatterns

    router = URLRouter(urlpatterns)

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await router({**scope, "path": path}, receive, send)

    assert await Played(application).get() == (CLOSED, 4404)
