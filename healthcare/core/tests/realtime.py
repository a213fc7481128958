"""What do the realtime tests listen with? A socket played in memory, a room log in memory, a Valkey of their own."""

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from healthcare.core.ids import new_id
from healthcare.core.realtime import reading
from healthcare.core.realtime.rooms import Entry, NoRoom, Pass
from healthcare.core.realtime.socket import Socket
from healthcare.embedded import binaries

CLOSED = "closed"


class Played:
    """One connection to a socket application. `pause` makes its client take nothing."""

    def __init__(self, application: Callable[..., Any], *, origin: str | None = None, **url: Any) -> None:
        headers = [] if origin is None else [(b"origin", origin.encode())]
        self.scope = {"type": "websocket", "headers": headers, "url_route": {"kwargs": url}}
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.taking = asyncio.Event()
        self.taking.set()
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(application(self.scope, self.inbox.get, self._send))

    async def _send(self, message: dict[str, Any]) -> None:
        await self.taking.wait()
        self.outbox.put_nowait(dict(message))

    def say(self, frame: Any) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "text": frame if isinstance(frame, str) else json.dumps(frame)})

    def hello(self, ticket: str, since: int | None = None) -> None:
        self.say({"type": "hello", "ticket": ticket, **({} if since is None else {"since": since})})

    async def get(self, timeout: float = 5) -> Any:
        """The next frame, or `("closed", code)`."""
        while True:
            message = await asyncio.wait_for(self.outbox.get(), timeout)
            if message["type"] == "websocket.send":
                return json.loads(message["text"])
            if message["type"] == "websocket.close":
                return CLOSED, message["code"]

    def waiting(self) -> int:
        return self.outbox.qsize()

    async def leave(self) -> None:
        self.taking.set()
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, 5)


class Memory:
    """A room log in memory."""

    kind = "memory"

    def __init__(self, *rooms: UUID) -> None:
        self.entries: dict[UUID, int] = dict.fromkeys(rooms, 0)
        self.reads = 0

    def add(self, room: UUID, count: int = 1) -> int:
        self.entries[room] += count
        return self.entries[room]

    def seqs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        return {i: self.entries[i] for i in ids if i in self.entries}

    def since(self, room: UUID, seq: int, limit: int) -> list[Entry]:
        self.reads += 1
        last = min(self.entries[room], seq + limit)
        return [Entry(n, {"seq": n, "event": "memory.added", "token": None}) for n in range(seq + 1, last + 1)]

    def snapshot(self, room: UUID) -> Entry:
        if room not in self.entries:
            raise NoRoom
        return Entry(self.entries[room], {"queue": {"id": str(room)}})


class Doorkeeper:
    """A gate in memory: tickets are names of people, one use each."""

    def __init__(self, clinic_id: UUID, room: UUID) -> None:
        self.clinic_id, self.room = clinic_id, room
        self.revoked: set[UUID] = set()
        self.tickets: set[str] = set()

    def ticket(self, name: str = "anybody") -> str:
        self.tickets.add(name)
        return name

    def redeem(self, ticket: str) -> Pass | None:
        if ticket not in self.tickets:
            return None
        self.tickets.remove(ticket)
        return Pass("memory", UUID(int=hash(ticket) % 2**64), self.clinic_id)

    def still_good(self, passes: Iterable[Pass]) -> set[Pass]:
        return {p for p in passes if p.id not in self.revoked}


def a_clinic(monkeypatch: Any) -> UUID:
    """The id of an open clinic that has no database: these rooms live in memory."""
    clinic = SimpleNamespace(id=new_id(), schema_name="clinic_of_paper", slug="paper")
    monkeypatch.setattr(reading, "find_clinic", lambda wanted: clinic if wanted == clinic.id else None)
    return clinic.id


def application(room_log: Any, doorkeeper: Any, allows: Callable[[Pass, UUID], bool] = lambda given, room: True) -> Any:
    class MemorySocket(Socket):
        log, gate = room_log, doorkeeper

        def allows(self, given: Pass, room: UUID) -> bool:
            return allows(given, room)

    return MemorySocket.as_asgi()


class OwnValkey:
    """A Valkey that a test may kill and start again on the same port."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        arguments = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([str(binaries.valkey()), *arguments], stdout=subprocess.DEVNULL)
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def own_valkey() -> Iterator[OwnValkey]:
    server = OwnValkey()
    server.start()
    try:
        yield server
    finally:
        server.kill()


def layer_at(url: str) -> dict[str, Any]:
    """settings.CHANNEL_LAYERS for a store at this address."""
    host = {"address": url, "socket_timeout": None, "socket_connect_timeout": 1}
    backend = "healthcare.core.realtime.layer.HintLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host], "prefix": "rt"}}}
