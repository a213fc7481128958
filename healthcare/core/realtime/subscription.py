"""Do hints reach this process? One subscription, which proves that it lives by hearing its own echo."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from healthcare.core.realtime.layer import GROUP

log = logging.getLogger(__name__)

ECHO = 3.0  # seconds between two echoes
DEAF = 7.0  # seconds without one after which hints are no longer relied on
HOPELESS = 12.0  # … and after which the subscription is made anew: a connection can be open in name only
PATIENCE = 2.0  # seconds for one call to the store


class Subscription:
    """Calls `hinted(room, seq)` for every hint. Keeps trying while the store is away."""

    def __init__(self, hinted: Callable[[str, int], None]) -> None:
        self._hinted = hinted
        self._layer = get_channel_layer()
        self._channel = ""
        self._heard_at = 0.0
        self._changed = asyncio.Event()
        self.heard = False

    async def wait(self, *, for_change_from: bool, timeout: float) -> bool:
        """Sleep, but no longer than until `heard` differs. Answers whether it does."""
        if self.heard == for_change_from:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), timeout)
            except TimeoutError:
                pass
        return self.heard != for_change_from

    async def run(self) -> None:
        try:
            while True:
                await self._once()
                await asyncio.sleep(1)
        finally:
            await self._forget()

    async def _once(self) -> None:
        """Subscribe and listen until it fails or falls silent."""
        listening = None
        try:
            await asyncio.wait_for(self._subscribe(), PATIENCE)
            listening = asyncio.create_task(self._listen())
            await self._echo(listening)
        except Exception as error:
            log.warning("realtime.subscription_lost", extra={"error": type(error).__name__})
        finally:
            self._note(heard=False)
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            await self._forget()

    async def _subscribe(self) -> None:
        self._channel = await self._layer.new_channel()
        await self._layer.group_add(GROUP, self._channel)
        self._heard_at = self._now()

    async def _listen(self) -> None:
        while True:
            message = await self._layer.receive(self._channel)
            if message.get("type") == "hint":
                self._hinted(str(message["room"]), int(message["seq"]))
            self._heard_at = self._now()
            self._note(heard=True)

    async def _echo(self, listening: "asyncio.Task[None]") -> None:
        while not listening.done() and self._now() - self._heard_at < HOPELESS:
            try:
                await asyncio.wait_for(self._layer.send(self._channel, {"type": "echo"}), PATIENCE)
            except Exception as error:  # no hints while the store is away; the receiving side may come back by itself
                log.info("realtime.echo_failed", extra={"error": type(error).__name__})
                self._heard_at = min(self._heard_at, self._now() - DEAF)
                self._note(heard=False)
            await asyncio.sleep(ECHO)
            self._note(heard=self._now() - self._heard_at < DEAF)

    def _note(self, *, heard: bool) -> None:
        if heard != self.heard:
            self.heard = heard
            self._changed.set()

    async def _forget(self) -> None:
        """Give the connection back; the next try makes its own."""
        try:
            await asyncio.wait_for(self._layer.flush(), PATIENCE)
        except Exception as error:
            log.info("realtime.flush_failed", extra={"error": type(error).__name__})

    def _now(self) -> Any:
        return asyncio.get_running_loop().time()
