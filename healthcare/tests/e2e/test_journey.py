"""Does the main job hold from outside? Sign up, see, book, be refused, arrive, be called, be told, be on record, leave."""

import asyncio
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import websockets

from healthcare.tests.e2e.people import Person, free_soon, newcomer, staff

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def url(product: Any) -> str:
    return str(product.base_url)


def booking(doctor: str, starts_at: str, reason: str = "cough at night") -> dict[str, str]:
    return {"kind": "consultation", "doctor": doctor, "starts_at": starts_at, "reason": reason}


def until(answer: Any, seconds: float = 20) -> Any:
    """The first true answer within the time."""
    end = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.25)
    return found


class Screen:
    """A queue's socket as a staff screen opens it."""

    def __init__(self, url: str, desk: Person, queue: str) -> None:
        self.address = url.replace("http", "ws", 1) + f"/ws/queues/{queue}"
        self.desk = desk

    async def __aenter__(self) -> "Screen":
        self.socket = await websockets.connect(self.address)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def hello(self, since: int | None = None, ticket: str | None = None) -> Any:
        ticket = ticket or (await asyncio.to_thread(self.desk.post, "/realtime/tickets", None, 201))["ticket"]
        await self.socket.send(json.dumps({"type": "hello", "ticket": ticket, **({} if since is None else {"since": since})}))
        return await self.next()

    async def next(self) -> Any:
        return json.loads(await asyncio.wait_for(self.socket.recv(), 10))


def test_what_is_offered_is_booked_once_and_then_refused_with_alternatives(url):
    ilse, rival = newcomer(url, "north"), newcomer(url, "north")
    doctor, slots = free_soon(ilse)
    body, key = booking(doctor, slots[0]["starts_at"]), {"Idempotency-Key": secrets.token_hex(8)}
    first = ilse.post("/appointments", body, 201, **key)
    assert ilse.post("/appointments", body, 201, **key)["id"] == first["id"]
    refusal = rival.post("/appointments", body, 409)
    assert refusal["code"] == "slot_taken"
    assert "slot_taken" in {r["code"] for r in refusal["reasons"]}
    better = refusal["alternatives"][0]
    assert (
        rival.post(
            "/appointments",
            booking(
                better["doctor"]["id"] if isinstance(better.get("doctor"), dict) else better.get("doctor", doctor),
                better["starts_at"],
            ),
            201,
        )["state"]
        == "scheduled"
    )


def test_of_eight_people_who_want_one_time_one_gets_it(url):
    people = [newcomer(url, "north") for _ in range(8)]
    doctor, slots = free_soon(people[0])
    body = booking(doctor, slots[-1]["starts_at"])
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda p: p.http.post("/appointments", json=body).status_code, people))
    assert codes == [201] + [409] * 7


def test_another_clinic_cannot_tell_a_foreign_appointment_from_an_unknown_one(url):
    ilse, stranger = newcomer(url, "north"), staff(url, "receptionist", "south")
    doctor, slots = free_soon(ilse)
    booked = ilse.post("/appointments", booking(doctor, slots[1]["starts_at"]), 201)["id"]
    answers = [stranger.get(f"/appointments/{i}", 404) for i in (booked, "0192f0c1-2345-7abc-8def-0123456789ab")]
    assert all(a.pop("request_id") for a in answers)
    assert answers[0] == answers[1]
    stranger.http.headers["X-Clinic-ID"] = "north"
    stranger.get("/appointments", 404)


async def test_a_patient_who_arrives_is_called_on_the_screen_and_a_screen_that_was_away_catches_up(url):
    ilse, desk = await asyncio.to_thread(newcomer, url, "north"), await asyncio.to_thread(staff, url, "receptionist", "north")
    doctor, slots = await asyncio.to_thread(free_soon, ilse)
    booked = await asyncio.to_thread(ilse.post, "/appointments", booking(doctor, slots[0]["starts_at"]), 201)
    arrived = await asyncio.to_thread(desk.post, f"/appointments/{booked['id']}/check-in")
    await asyncio.to_thread(desk.post, f"/appointments/{booked['id']}/check-in", None, 409)
    queue = arrived["token"]["queue"]
    async with Screen(url, desk, queue) as screen:
        snapshot = await screen.hello()
        assert arrived["token"]["number"] in {t["number"] for t in snapshot["queue"]["tokens"]}
        begun = time.monotonic()
        await asyncio.to_thread(desk.post, f"/queues/{queue}/call-next")
        called = await screen.next()
        assert (called["event"], called["seq"]) == ("token.called", snapshot["seq"] + 1)
        assert time.monotonic() - begun < 1
    for verb in ("recall", "finish"):
        await asyncio.to_thread(desk.post, f"/queues/{queue}/tokens/{called['token']['id']}/{verb}")
    async with Screen(url, desk, queue) as screen:
        missed = await screen.hello(since=called["seq"])
        assert [(e["seq"] - called["seq"], e["event"]) for e in missed["events"]] == [
            (1, "token.recalled"),
            (2, "token.finished"),
        ]
    seen = json.dumps([snapshot, called, missed])
    assert "Ilse" not in seen and "Okafor" not in seen


async def test_a_socket_with_a_used_or_forged_ticket_is_closed(url):
    desk = await asyncio.to_thread(staff, url, "receptionist", "north")
    queue = (await asyncio.to_thread(desk.get, "/queues"))["results"][0]["id"]
    used = (await asyncio.to_thread(desk.post, "/realtime/tickets", None, 201))["ticket"]
    async with Screen(url, desk, queue) as screen:
        assert (await screen.hello(ticket=used))["type"] == "snapshot"
    for ticket in (used, "forged"):
        async with Screen(url, desk, queue) as screen:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await screen.hello(ticket=ticket)
            assert closed.value.rcvd.code == 4401


def test_it_is_on_record_without_health_data_and_the_patient_is_told(url, product):
    ilse = newcomer(url, "north", first_name="Wilhelmina")
    doctor, slots = free_soon(ilse)
    booked = ilse.post("/appointments", booking(doctor, slots[2]["starts_at"], reason="palpitations"), 201)
    desk = staff(url, "receptionist", "north")
    desk.post(f"/appointments/{booked['id']}/confirm")
    trail = staff(url, "auditor", "north").get("/audit/events", object_id=booked["id"])["results"]
    assert {"create", "update"} <= {e["action"] for e in trail} and all(e["actor"] for e in trail)
    assert "palpitations" not in json.dumps(trail)
    desk.get("/audit/events", 403)
    until(lambda: [n for n in ilse.get("/notifications")["results"] if n["message"] == "appointment_booked"])
    for name in ("web", "worker", "ticker", "postgresql"):
        assert "palpitations" not in product.log(name) and "Wilhelmina" not in product.log(name)


def test_who_signs_out_is_out_within_two_seconds(url):
    ilse = newcomer(url, "north")
    ilse.post("/auth/logout", want=204)
    time.sleep(2)
    ilse.get("/users/profile", 401)


def test_a_stranger_gets_in_nowhere(url):
    Person(url).get("/users/profile", 401)
    Person(url).post("/auth/login", {"identifier": "nobody@people.example", "password": "wrong-wrong-1"}, 401)
    newcomer(url, "north").http.headers.update({"X-Clinic-ID": "nowhere"})
    ilse = newcomer(url, "north")
    ilse.http.headers["X-Clinic-ID"] = "nowhere"
    ilse.get("/appointments", 404)
