"""How soon do all screens of a queue know? Time from a step to each socket's frame, over many sockets."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import websockets

from benchmarks.figures import Meter, quantile
from benchmarks.visitor import Visitor

PATIENCE = 30.0
TICKETS = 55  # a session may have 60 a minute, whatever RATE_LIMIT_MAX says
ROLES = ("nurse", "doctor", "therapist", "medical_assistant", "clinic_admin")  # who may watch, with five sessions each
MOST = TICKETS * 5 * len(ROLES)


class Screen:
    """One socket that notes when each entry of the log reached it."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}

    async def watch(self, who: Visitor, queue: str) -> None:
        ticket = (await who.call("POST", "/realtime/tickets", want=201))["ticket"]
        url = f"{who.base.replace('http', 'ws', 1)}/ws/queues/{queue}"
        self.socket = await websockets.connect(url, compression=None, open_timeout=PATIENCE)
        await self.socket.send(json.dumps({"type": "hello", "ticket": ticket}))
        self.seq = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))["seq"]
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.socket:
            now, data = time.perf_counter(), json.loads(frame)
            for entry in data["events"] if data["type"] == "events" else [data]:
                self.seen[entry["seq"]] = now

    async def close(self) -> None:
        self.reading.cancel()
        await self.socket.close()


async def fan_out(desk: Visitor, meter: Meter, sockets: int, rounds: int) -> dict[str, Any]:
    """People without appointments come, are called and finish; every step is a frame to each screen.

    First without screens: what the steps themselves cost is taken off.
    """
    doctor = (await desk.free_times(days=1, doctors=1))[0]["doctor"]
    queue = (await desk.call("POST", "/queues", {"practitioner": doctor}, want=201))["id"]
    before = meter.read()
    await _play(desk, queue, [], rounds)
    alone = meter.read().since(before)
    screens = await _watching(desk, queue, sockets)
    before, begun = meter.read(), time.perf_counter()
    sent = await _play(desk, queue, screens, rounds)
    seconds, spent = time.perf_counter() - begun, meter.read().since(before).since(alone)
    await asyncio.gather(*(screen.close() for screen in screens))
    return _row(screens, sent, frames=3 * rounds * sockets, seconds=seconds, spent=spent.by_part)


async def _play(desk: Visitor, queue: str, screens: list[Screen], rounds: int) -> dict[int, tuple[float, float]]:
    """By the log's number of each call: when it was asked for, when it was answered."""
    seq = max((screen.seq for screen in screens), default=0)
    sent = {}
    for _ in range(rounds):
        await desk.call("POST", f"/queues/{queue}/tokens", {}, want=201)
        await _all_saw(screens, seq := seq + 1)
        asked = time.perf_counter()
        token = await desk.call("POST", f"/queues/{queue}/call-next")
        seq += 1
        sent[seq] = asked, time.perf_counter()
        await _all_saw(screens, seq)
        await desk.call("POST", f"/queues/{queue}/tokens/{token['id']}/finish")
        await _all_saw(screens, seq := seq + 1)
    return sent


async def _watching(desk: Visitor, queue: str, sockets: int) -> list[Screen]:
    if sockets > MOST:
        raise SystemExit(f"at most {MOST} sockets: the demo's people get no more tickets within a minute")
    screens = [Screen() for _ in range(sockets)]
    for first in range(0, sockets, TICKETS):
        role = ROLES[first // TICKETS % len(ROLES)]
        watcher = await Visitor.sign_in(desk.base, desk.clinic, role)
        for screen in screens[first : first + TICKETS]:
            await screen.watch(watcher, queue)
    return screens


async def _all_saw(screens: list[Screen], seq: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(seq in screen.seen for screen in screens):
        if time.monotonic() > deadline:
            raise SystemExit(f"{sum(seq not in s.seen for s in screens)} screens were not told within {PATIENCE:.0f} s")
        await asyncio.sleep(0.002)


def _row(
    screens: list[Screen], sent: dict[int, tuple[float, float]], frames: int, seconds: float, spent: dict[str, float]
) -> dict[str, Any]:
    each = [(screen.seen[seq] - asked) * 1000 for seq, (asked, _) in sent.items() for screen in screens]
    last = [(max(screen.seen[seq] for screen in screens) - answered) * 1000 for seq, (_, answered) in sent.items()]
    return {
        "scenario": "sockets",
        "count": frames,
        "wrong": 0,
        "per_second": round(frames / seconds, 1),
        "p50_ms": round(quantile(each, 0.5), 1),
        "p99_ms": round(quantile(each, 0.99), 1),
        "last_after_answer_p50_ms": round(quantile(last, 0.5), 1),
        "last_after_answer_p99_ms": round(quantile(last, 0.99), 1),
        "cpu_us": {part: round(used * 1e6 / frames, 1) for part, used in spent.items()},
    }
