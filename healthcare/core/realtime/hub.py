"""Who in this process listens to which room? One subscription for all; each new entry is read once and encoded once.

Nothing is lost, doubled or reordered: a listener joins its room before it reads what it missed, so what is added meanwhile
waits in its own backlog; entries carry the log's seq, and each listener drops what it was given already. A lost hint, or a
store that is away, only delays: the hub looks for itself every few seconds.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson

from healthcare.core.realtime.listener import REFUSED, RESYNC, UNKNOWN, Listener
from healthcare.core.realtime.reading import in_clinic_of, in_thread
from healthcare.core.realtime.rooms import Gate, NoRoom, RoomLog, RoomName
from healthcare.core.realtime.subscription import Subscription

log = logging.getLogger(__name__)

PAGE = 500  # entries read at once
CHECK = 1.0  # seconds between two looks at who may still listen; "revoked is felt in two seconds" rests on it
LOOK = {True: 15.0, False: 2.0}  # seconds between two looks at the logs: subscription heard lately or not


@dataclass(eq=False, slots=True)
class Room:
    name: RoomName
    log: RoomLog
    listeners: set[Listener] = field(default_factory=set)
    seq: int | None = None  # last entry handed on; None until the first listener has read
    wanted: int = 0  # last entry known to exist
    reading: bool = False


def encode(body: Any) -> str:
    return orjson.dumps(body).decode()


class Hub:
    """The listeners of one event loop. Its tasks run while there are any."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.gates: dict[Listener, Gate] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._running: asyncio.Task[None] | None = None

    # -- coming and going

    def join(self, name: RoomName, room_log: RoomLog, gate: Gate, listener: Listener) -> Room:
        """From now on the listener is handed every new entry of the room."""
        room = self.rooms.setdefault(str(name), Room(name, room_log))
        room.listeners.add(listener)
        self.gates[listener] = gate
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return room

    def leave(self, room: Room, listener: Listener) -> None:
        room.listeners.discard(listener)
        self.gates.pop(listener, None)
        if not room.listeners and self.rooms.get(str(room.name)) is room:
            del self.rooms[str(room.name)]
        if not self.rooms and self._running is not None:
            self._running.cancel()
            self._running = None

    def begin(self, room: Room, seq: int) -> int:
        """A listener has read up to `seq`. Answers from where the room hands on, which may be later: read on to there."""
        if room.seq is None:
            room.seq = seq
        self._advance_soon(room)
        return room.seq

    # -- news

    def hinted(self, name: str, seq: int) -> None:
        if (room := self.rooms.get(name)) is not None and seq > room.wanted:
            room.wanted = seq
            self._advance_soon(room)

    def _advance_soon(self, room: Room) -> None:
        if not room.reading and room.seq is not None and room.wanted > room.seq:
            room.reading = True
            self._spawn(self._advance(room))

    async def _advance(self, room: Room) -> None:
        """Read the room's news and hand it to everybody in it."""
        try:
            while room.listeners and room.seq is not None and room.wanted > room.seq:
                entries = await in_thread(in_clinic_of, room.name.clinic_id, room.log.since, room.name.id, room.seq, PAGE)
                if not entries:
                    room.wanted = room.seq  # a hint that promised too much
                for entry in entries:
                    self._hand_on(room, entry.seq, encode({"type": "event", **entry.body}))
        except NoRoom:
            self._end(room, UNKNOWN)
        except Exception:
            log.warning("realtime.read_failed", exc_info=True)  # the next look tries again
        finally:
            room.reading = False

    def _hand_on(self, room: Room, seq: int, frame: str) -> None:
        for listener in room.listeners:
            listener.put(seq, frame)
        room.seq = seq

    def _end(self, room: Room, code: int) -> None:
        for listener in room.listeners:
            listener.end(code)

    # -- upkeep

    async def _run(self) -> None:
        subscription = Subscription(self.hinted)
        upkeep = (subscription.run(), self._look_again_and_again(subscription), self._check_again_and_again())
        tasks = [asyncio.create_task(c) for c in upkeep]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_again_and_again(self, subscription: Subscription) -> None:
        heard = False
        while True:
            if await subscription.wait(for_change_from=heard, timeout=LOOK[heard]):
                heard = not heard
            with _logged("realtime.look_failed"):
                await self.look()

    async def look(self) -> None:
        """Ask every room's log how far it is, and fetch what no hint told of."""
        groups: dict[tuple[RoomLog, UUID], list[UUID]] = defaultdict(list)
        for room in self.rooms.values():
            groups[room.log, room.name.clinic_id].append(room.name.id)
        found = await in_thread(_seqs, dict(groups))
        for name, room in list(self.rooms.items()):
            if room.name not in found or room.seq is None:
                continue
            seq = found[room.name]
            if seq is None:
                self._end(room, UNKNOWN)
            elif seq < room.seq:  # the log went back: a restore
                self._end(room, RESYNC)
            else:
                self.hinted(name, seq)
                self._advance_soon(room)

    async def _check_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(CHECK)
            now = asyncio.get_running_loop().time()
            for listener in list(self.gates):
                listener.give_up_if_stuck(now)
            with _logged("realtime.check_failed"):
                await self.check()

    async def check(self) -> None:
        """End whoever may no longer listen: one question to each gate for all its passes."""
        by_gate: dict[Gate, set[Any]] = defaultdict(set)
        asked = dict(self.gates)
        for listener, gate in asked.items():
            by_gate[gate].add(listener.given)
        for gate, passes in by_gate.items():
            good = await in_thread(gate.still_good, passes)
            for listener, its_gate in asked.items():
                if its_gate is gate and listener.given not in good:
                    listener.end(REFUSED)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _seqs(groups: dict[tuple[RoomLog, UUID], list[UUID]]) -> dict[RoomName, int | None]:
    """The seq of each room; None where there is no such room (any more)."""
    found: dict[RoomName, int | None] = {}
    for (room_log, clinic_id), ids in groups.items():
        try:
            seqs = in_clinic_of(clinic_id, room_log.seqs, ids)
        except NoRoom:
            seqs = {}
        found |= {RoomName(room_log.kind, clinic_id, i): seqs.get(i) for i in ids}
    return found


@contextlib.contextmanager
def _logged(what: str) -> Any:
    """The database may be away; upkeep goes on."""
    try:
        yield
    except Exception:
        log.warning(what, exc_info=True)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """This event loop's hub."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def open_sockets() -> int:
    """Sockets that listen in this process, for the metrics."""
    return sum(len(each.gates) for each in list(_hubs.values()))
