"""How does one socket live? Origin, hello with a ticket, what it missed, then every new entry in order, until it must end.

    class QueueSocket(Socket):
        log, gate, permission = QueueLog(), tickets, "queue.view"

A plain ASGI application, not a channels consumer: that would cost a subscription and three more tasks for each socket.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from healthcare.core.realtime.hello import Hello, Left, Malformed, origin_allowed, read_hello
from healthcare.core.realtime.hub import Hub, Room, encode, hub
from healthcare.core.realtime.listener import HINTS, MALFORMED, NOT_ALLOWED, REFUSED, UNKNOWN, Listener, Send
from healthcare.core.realtime.reading import in_clinic_of, in_thread
from healthcare.core.realtime.rooms import Entry, Gate, NoRoom, Pass, RoomLog, RoomName

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
HELLO_WITHIN = 10.0  # seconds
REPLAY = 500  # missed entries; who missed more is given the whole state


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class Socket:
    log: ClassVar[RoomLog]
    gate: ClassVar[Gate]
    parameter: ClassVar[str] = "id"  # of the route: the room's id

    @classmethod
    def as_asgi(cls) -> Callable[..., Awaitable[None]]:
        socket = cls()

        async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
            await socket.serve(scope, receive, send)

        return application

    def allows(self, given: Pass, room: UUID) -> bool:
        """May this pass listen to this room? Called inside the clinic, in a thread; subclasses decide."""
        raise NotImplementedError

    async def serve(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if not origin_allowed(scope):
            return await send({"type": "websocket.close", "code": NOT_ALLOWED})
        await send({"type": "websocket.accept"})
        room_id = scope["url_route"]["kwargs"][self.parameter]
        try:
            hello = await self._hello(receive)
            given = await self._admit(hello, room_id)
        except Left:
            return None
        except Closed as closed:
            return await Listener(send, Pass("", room_id, room_id)).refuse(closed.code)
        await self._listen(RoomName(self.log.kind, given.clinic_id, room_id), hello, given, receive, send)

    async def _hello(self, receive: Receive) -> Hello:
        try:
            return await asyncio.wait_for(read_hello(receive), HELLO_WITHIN)
        except TimeoutError:
            raise Closed(REFUSED) from None
        except Malformed:
            raise Closed(MALFORMED) from None

    async def _admit(self, hello: Hello, room_id: UUID) -> Pass:
        """The pass the ticket stands for. Whether the room exists is not told to who may not listen."""
        given = await in_thread(self.gate.redeem, hello.ticket)
        if given is None:
            raise Closed(REFUSED)
        try:
            allowed = await in_thread(in_clinic_of, given.clinic_id, self.allows, given, room_id)
        except NoRoom:
            raise Closed(UNKNOWN) from None
        if not allowed:
            raise Closed(NOT_ALLOWED)
        return given

    async def _listen(self, name: RoomName, hello: Hello, given: Pass, receive: Receive, send: Send) -> None:
        here, listener = hub(), Listener(send, given)
        room = here.join(name, self.log, self.gate, listener)  # before reading, so that nothing falls in between
        client = asyncio.create_task(_until_it_speaks_or_goes(receive, listener))
        try:
            await self._catch_up(here, room, listener, hello.since)
            await listener.run()
        except NoRoom:
            await listener.refuse(UNKNOWN)
        except asyncio.CancelledError:
            if not listener.dropped():
                raise
        finally:
            here.leave(room, listener)
            client.cancel()

    async def _catch_up(self, here: Hub, room: Room, listener: Listener, since: int | None) -> None:
        """Give what was missed, or the whole; and on to where the room itself hands on from."""
        first, seq = await in_thread(in_clinic_of, room.name.clinic_id, _first_frame, self.log, room.name.id, since)
        await listener.say(first, seq)
        while (base := here.begin(room, seq)) > seq:
            entries = await in_thread(in_clinic_of, room.name.clinic_id, self.log.since, room.name.id, seq, base - seq)
            for entry in entries:
                await listener.say(encode({"type": "event", **entry.body}), entry.seq)
                seq = entry.seq
        listener.resume()


async def nowhere(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Where no room is: closed like a room that is not there, instead of a router's error."""
    await receive()
    if origin_allowed(scope):
        await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": UNKNOWN, "reason": HINTS[UNKNOWN]})


def _first_frame(log: RoomLog, room: UUID, since: int | None) -> tuple[str, int]:
    missed = None if since is None else _missed(log, room, since)
    if missed is None:
        state = log.snapshot(room)
        return encode({"type": "snapshot", "seq": state.seq, **state.body}), state.seq
    return encode({"type": "events", "events": [e.body for e in missed]}), missed[-1].seq if missed else since or 0


def _missed(log: RoomLog, room: UUID, since: int) -> list[Entry] | None:
    """What came after `since`; None when only the whole state will do (too much, or a seq that this log never had)."""
    last = log.seqs([room]).get(room)
    if last is None:
        raise NoRoom
    if not 0 <= last - since <= REPLAY:
        return None
    entries = log.since(room, since, REPLAY + 1)
    whole = len(entries) <= REPLAY and [e.seq for e in entries] == list(range(since + 1, since + 1 + len(entries)))
    return entries if whole and len(entries) >= last - since else None


async def _until_it_speaks_or_goes(receive: Receive, listener: Listener) -> None:
    """After its hello a client has nothing to say: the first frame ends it, so none of them costs anything."""
    message = await receive()
    if message["type"] == "websocket.receive":
        listener.end(MALFORMED)
    else:
        listener.left()
