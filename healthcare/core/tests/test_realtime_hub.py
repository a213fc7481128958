"""Does everybody in a room get every entry once and in order, whatever is slow, lost, killed or revoked?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from channels.layers import get_channel_layer

from healthcare.core.ids import new_id
from healthcare.core.realtime import listener as listeners
from healthcare.core.realtime.hub import hub
from healthcare.core.realtime.rooms import RoomName
from healthcare.core.tests.realtime import CLOSED, Doorkeeper, Memory, Played, a_clinic, application, layer_at, own_valkey

DEAD = "redis://127.0.0.1:1/0"


class Place:
    """A room with its log, its gate and whoever listens."""

    def __init__(self, clinic_id: UUID) -> None:
        self.room = new_id()
        self.log, self.gate = Memory(self.room), Doorkeeper(clinic_id, self.room)
        self.name = str(RoomName("memory", clinic_id, self.room))
        self.application = application(self.log, self.gate)
        self.played: list[Played] = []

    def connect(self, ticket: str = "anybody", since: int | None = None) -> Played:
        one = Played(self.application, id=self.room)
        one.hello(self.gate.ticket(ticket), since)
        self.played.append(one)
        return one

    async def joined(self, ticket: str = "anybody", since: int | None = None) -> Played:
        one = self.connect(ticket, since)
        assert (await one.get())["type"] in ("snapshot", "events")
        return one

    def add(self, count: int = 1) -> None:
        """New entries, and the hint that a committing process gives."""
        for _ in range(count):
            get_channel_layer().hint(self.name, self.log.add(self.room))


@pytest.fixture
def clinic_id(monkeypatch: pytest.MonkeyPatch) -> UUID:
    return a_clinic(monkeypatch)


@pytest_asyncio.fixture
async def place(clinic_id: UUID) -> AsyncIterator[Place]:
    made = Place(clinic_id)
    yield made
    for one in made.played:
        if not one.task.done():
            await one.leave()
    await asyncio.sleep(0)
    assert (hub().rooms, hub().gates, hub()._running) == ({}, {}, None), "sockets went and something of them stayed"


@pytest.fixture
def killable(settings: Any) -> Iterator[Any]:
    with own_valkey() as server:
        settings.CHANNEL_LAYERS = layer_at(server.url)
        yield server


async def seqs(one: Played, count: int, timeout: float = 5) -> list[int]:
    return [(await one.get(timeout))["seq"] for _ in range(count)]


async def test_a_new_entry_reaches_everybody_once_and_in_order(place: Place) -> None:
    everybody = [await place.joined() for _ in range(5)]
    place.add(30)
    assert [await seqs(one, 30) for one in everybody] == [list(range(1, 31))] * 5
    assert [one.waiting() for one in everybody] == [0] * 5


async def test_an_entry_is_read_once_for_a_hundred_listeners(place: Place) -> None:
    everybody = [await place.joined() for _ in range(100)]
    place.log.reads = 0
    place.add()
    assert [await seqs(one, 1) for one in everybody] == [[1]] * 100
    assert place.log.reads == 1


async def test_who_comes_back_gets_exactly_what_they_missed(place: Place) -> None:
    place.log.add(place.room, 7)
    one = place.connect(since=4)
    frame = await one.get()
    assert (frame["type"], [e["seq"] for e in frame["events"]]) == ("events", [5, 6, 7])
    place.add()
    assert await seqs(one, 1) == [8]


async def test_who_missed_nothing_gets_an_empty_replay(place: Place) -> None:
    place.log.add(place.room, 3)
    assert await place.connect(since=3).get() == {"type": "events", "events": []}


@pytest.mark.parametrize("since", [None, 0, 600 - 501, 601, 2**63 - 1])
async def test_who_missed_too_much_or_knows_what_never_was_gets_the_whole(place: Place, since: int | None) -> None:
    place.log.add(place.room, 600)
    frame = await place.connect(since=since).get()
    assert (frame["type"], frame["seq"]) == ("snapshot", 600)


async def test_what_comes_while_somebody_joins_is_neither_lost_nor_doubled(place: Place) -> None:
    async def busy() -> None:
        for _ in range(60):
            place.add()
            await asyncio.sleep(0.005)

    adding = asyncio.create_task(busy())
    comers = []
    for _ in range(12):
        comers.append(place.connect())
        await asyncio.sleep(0.02)
    await adding
    for one in comers:
        first = (await one.get())["seq"]
        assert await seqs(one, 60 - first) == list(range(first + 1, 61))
        assert one.waiting() == 0


async def test_a_slow_reader_is_told_to_resync_and_the_others_get_everything(place: Place) -> None:
    slow, quick = await place.joined("slow"), await place.joined("quick")
    slow.taking.clear()
    total = 0
    while total < listeners.BACKLOG + 20:
        place.add(10)
        total += 10
        assert await seqs(quick, 10) == list(range(total - 9, total + 1))
    slow.taking.set()
    frames = [await slow.get()]
    while frames[-1] != (CLOSED, 4408):
        frames.append(await slow.get())
    assert len(frames) <= 2  # the frame it was stuck in, and the close
    await asyncio.wait_for(slow.task, 2)
    back = place.connect("slow again", since=frames[0]["seq"] if len(frames) == 2 else 0)
    assert (await back.get())["events"][-1]["seq"] == total


async def test_who_takes_nothing_at_all_is_dropped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "STUCK", 0.5)
    stuck = await place.joined()
    stuck.taking.clear()
    place.add()
    await asyncio.wait_for(asyncio.shield(stuck.task), 4)
    assert hub().gates == {}


async def test_revoking_closes_within_two_seconds_and_only_whom_it_concerns(place: Place) -> None:
    gone, stays = await place.joined("gone"), await place.joined("stays")
    place.gate.revoked.add(UUID(int=hash("gone") % 2**64))
    began = time.monotonic()
    assert await gone.get() == (CLOSED, 4401)
    assert time.monotonic() - began < 2
    place.add()
    assert await seqs(stays, 1) == [1]


async def test_an_idle_subscription_still_delivers_after_six_seconds(place: Place) -> None:
    one = await place.joined()
    await asyncio.sleep(6.5)
    began = time.monotonic()
    place.add()
    assert await seqs(one, 1) == [1]
    assert time.monotonic() - began < 1


async def test_without_any_store_screens_still_converge(place: Place, settings: Any) -> None:
    settings.CHANNEL_LAYERS = layer_at(DEAD)
    one = await place.joined()
    place.add(3)
    assert await seqs(one, 3, timeout=4) == [1, 2, 3]


async def test_a_killed_and_restarted_store_loses_nothing(killable: Any, place: Place) -> None:
    one = await place.joined()
    place.add()
    assert await seqs(one, 1) == [1]
    killable.kill()
    place.add(2)
    assert await seqs(one, 2, timeout=6) == [2, 3]  # its next echo fails, then it looks for itself
    killable.start()
    await asyncio.sleep(6)  # the breaker of the telling side rests 5 s
    began = time.monotonic()
    place.add()
    assert await seqs(one, 1, timeout=20) == [4]
    assert time.monotonic() - began < 2.5


async def test_a_log_that_went_back_makes_everybody_resync(place: Place) -> None:
    place.log.add(place.room, 5)
    one = await place.joined()
    place.log.entries[place.room] = 3
    await hub().look()
    assert await one.get() == (CLOSED, 4408)


async def test_a_room_that_is_gone_closes(place: Place) -> None:
    one = await place.joined()
    del place.log.entries[place.room]
    await hub().look()
    assert await one.get() == (CLOSED, 4404)


async def test_hints_about_other_rooms_or_the_past_cost_no_read(place: Place) -> None:
    place.log.add(place.room, 5)
    one = await place.joined()
    place.log.reads = 0
    for name, seq in ((str(new_id()), 9), (place.name, 5), (place.name, 1)):
        get_channel_layer().hint(name, seq)
    await asyncio.sleep(0.5)
    assert (place.log.reads, one.waiting()) == (0, 0)


def test_a_store_that_is_away_costs_the_telling_side_next_to_nothing(settings: Any) -> None:
    settings.CHANNEL_LAYERS = layer_at(DEAD)
    began = time.monotonic()
    assert [get_channel_layer().hint("room", 1) for _ in range(20)] == [False] * 20
    assert time.monotonic() - began < 2
