"""What has one socket been sent, and what has it yet to be sent? Bounded, and never waited for."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from healthcare.core.realtime.rooms import Pass

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BACKLOG = 64  # frames a slow reader may be behind before it is told to resync
STUCK = 15.0  # seconds one frame may take before the connection is given up

MALFORMED, REFUSED, NOT_ALLOWED, UNKNOWN, RESYNC = 4400, 4401, 4403, 4404, 4408
# What a client should do next; within the 123 bytes a close frame has room for.
HINTS = {
    MALFORMED: "malformed frame; do not retry",
    REFUSED: "sign in again with a new ticket",
    NOT_ALLOWED: "not allowed; do not retry",
    UNKNOWN: "no such room; do not retry",
    RESYNC: "resync: come back with the last seq you saw, after 0.5 to 2 s",
}


class Listener:
    """One accepted socket. The hub puts frames in, `run` sends them; whoever is too slow is ended, nobody waits for it."""

    __slots__ = ("_dropped", "_frames", "_send", "_sending_since", "_task", "_wake", "code", "given", "gone", "seq")

    def __init__(self, send: Send, given: Pass) -> None:
        self._send, self.given = send, given
        self._frames: deque[tuple[int, str]] = deque()
        self._wake = asyncio.Event()
        self._task = asyncio.current_task()  # the connection's own
        self._dropped = False
        self._sending_since: float | None = None
        self.seq: int | None = None  # of the last entry sent; None until caught up
        self.code: int | None = None
        self.gone = False

    def put(self, seq: int, frame: str) -> None:
        """Hand over a frame, already encoded. Never waits."""
        if len(self._frames) >= BACKLOG:
            return self.end(RESYNC)
        self._frames.append((seq, frame))
        if not self._wake.is_set():
            self._wake.set()

    def end(self, code: int) -> None:
        """Close with this code as soon as the connection takes it; nothing more is sent."""
        if self.code is None:
            self.code = code
            self._frames.clear()
            self._wake.set()

    def left(self) -> None:
        """The client went."""
        self.gone = True
        self._frames.clear()
        self._wake.set()

    def give_up_if_stuck(self, now: float) -> None:
        if self._sending_since is not None and now - self._sending_since > STUCK and self._task is not None:
            self._dropped = True
            self._task.cancel()

    def dropped(self) -> bool:
        """Was the connection's task cancelled because the client takes nothing any more? Then that is dealt with."""
        if self._dropped and self._task is not None:
            self._task.uncancel()
        return self._dropped

    async def say(self, frame: str, seq: int) -> None:
        """Send the first frame (snapshot or replay), true at `seq`."""
        await self._out({"type": "websocket.send", "text": frame})
        self.seq = seq

    async def run(self) -> None:
        """Send what comes until the client goes or is ended."""
        while not self.gone and self.code is None:
            await self._wake.wait()
            self._wake.clear()
            await self._drain()
        if not self.gone:
            await self.close()

    def resume(self) -> None:
        """What came while it was catching up may go out now."""
        self._wake.set()

    async def refuse(self, code: int) -> None:
        self.code = self.code or code
        await self.close()

    async def close(self) -> None:
        code = self.code or 1000
        await self._out({"type": "websocket.close", "code": code, "reason": HINTS.get(code, "")})

    async def _drain(self) -> None:
        while self._frames and self.seq is not None:
            seq, frame = self._frames.popleft()
            if seq <= self.seq:
                continue  # it was in what the client was given first
            if seq != self.seq + 1:
                return self.end(RESYNC)
            await self._out({"type": "websocket.send", "text": frame})
            if self.code is None:
                self.seq = seq

    async def _out(self, message: MutableMapping[str, Any]) -> None:
        self._sending_since = asyncio.get_running_loop().time()
        await self._send(message)
        self._sending_since = None
