#!/usr/bin/env python3
"""A thousand guesses at once: how many are let through to be looked at, with Valkey up, hung (SIGSTOP) and down?

    python drills/guessing.py [--guesses 1000] [--states up,hung,down]

Starts a product of its own (embedded services, free ports) and attacks each way to prove something, every guess on a
connection of its own, most from an address of its own: the login, a sent code, a reset link, a refresh token, tickets, the
admin. Right is the limit exactly, each time. Exits 1 otherwise. Some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from healthcare.embedded import processes  # noqa: E402
from healthcare.embedded.product import Product, running_product  # noqa: E402
from healthcare.embedded.valkey import Store  # noqa: E402

PATIENCE = 180.0  # seconds for one guess among a thousand on a small machine
AT_ONCE = 1000


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


class Way(NamedTuple):
    """One thing that is guessed at. `let_through` says of an answer whether the guess was looked at."""

    name: str
    limit: int
    guess: Callable[[int], tuple[str, Any, dict[str, str]]]  # number -> path, body, headers
    let_through: Callable[[Answer], bool]


async def send(base: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """One request on a connection of its own."""
    at = urlsplit(base)
    form = isinstance(body, str)
    data = (body if form else json.dumps(body) if body is not None else "").encode()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    lines = {"Host": at.netloc, "Connection": "close", "Content-Type": kind, "Content-Length": str(len(data)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        raw = await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()
    top, _, rest = raw.partition(b"\r\n\r\n")
    first, *more = top.decode("latin-1").split("\r\n")
    named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in more)}
    return Answer(int(first.split(" ")[1]), named, rest.decode(errors="replace"))


def address(number: int) -> str:
    return f"203.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


def ways(base: str, run: int) -> Iterator[Way]:
    """All of them, each at somebody of its own."""
    mark = secrets.token_hex(4)

    def from_anywhere(number: int) -> dict[str, str]:
        return {"X-Forwarded-For": address(run * 100_000 + number)}

    def post(path: str, body: Callable[[int], Any], one_address: str = "") -> Any:
        where = {"X-Forwarded-For": one_address} if one_address else None
        return lambda number: (path, body(number), where or from_anywhere(number))

    def looked_at(answer: Answer) -> bool:
        return answer.status != 429

    login = post("/auth/login", lambda n: {"identifier": f"victim-{mark}@people.example", "password": f"guess-{n}-guess"})
    yield Way("login", 5, login, looked_at)
    asked = asyncio.run(
        send(base, "POST", "/auth/request-otp", {"identifier": f"otp-{mark}@people.example"}, **from_anywhere(0))
    )
    challenge = asked.json()["challenge"]
    yield Way("code", 5, post("/auth/verify-otp", lambda n: {"challenge": challenge, "code": f"{n:06d}"}), looked_at)
    forgot = post("/auth/password/forgot", lambda n: {"identifier": f"reset-{mark}@people.example"})
    yield Way("reset asked for", 3, forgot, looked_at)
    link = post(
        "/auth/password/reset", lambda n: {"token": f"{n:043d}", "password": "another-horse-battery"}, f"198.51.100.{run}"
    )
    yield Way("reset link", 60, link, looked_at)
    yield from _of_somebody(base, from_anywhere, post, looked_at, mark)
    page = asyncio.run(send(base, "GET", "/admin/login/", **from_anywhere(1)))
    cookie = re.search(r"csrftoken=(\w+)", page.headers.get("set-cookie", ""))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
    assert cookie and token, page.status
    form = {"csrfmiddlewaretoken": token[1], "username": f"admin-{mark}@people.example"}

    def admin(number: int) -> tuple[str, Any, dict[str, str]]:
        body = urlencode({**form, "password": f"guess-{number}-guess"})
        return "/admin/login/", body, {**from_anywhere(number), "Cookie": f"csrftoken={cookie[1]}"}

    yield Way("admin", 5, admin, lambda answer: "Too many tries" not in answer.body)


def _of_somebody(base: str, from_anywhere: Any, post: Any, looked_at: Any, mark: str) -> Iterator[Way]:
    """What only a session can be guessed or asked with."""
    body = {"email": f"somebody-{mark}@people.example", "password": "correct-horse-battery", "first_name": "Ona"}
    headers = {**from_anywhere(2), "X-Clinic-ID": "north"}
    made = asyncio.run(send(base, "POST", "/auth/register", body, **headers)).json()
    raw = bytearray(base64.urlsafe_b64decode(made["refresh"] + "=="))

    def forged(number: int) -> dict[str, str]:
        raw[-4:] = number.to_bytes(4, "big")
        return {"refresh": base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")}

    yield Way("refresh", 10, post("/auth/refresh", forged), looked_at)
    ticket = {"Authorization": f"Bearer {made['access']}", "X-Clinic-ID": "north"}
    yield Way("ticket", 60, lambda n: ("/realtime/tickets", {}, {**from_anywhere(n), **ticket}), looked_at)


async def storm(base: str, way: Way, guesses: int) -> Counter[str]:
    """All guesses at once; how many were let through, refused, and anything else by its status."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        path, body, headers = way.guess(number)
        async with gate:
            answer = await send(base, "POST", path, body, **headers)
        if answer.status >= 500:  # 503 with Retry-After: too many at once for the database's connections
            return "busy" if answer.status == 503 and "retry-after" in answer.headers else str(answer.status)
        return "let through" if way.let_through(answer) else "refused"

    return Counter(await asyncio.gather(*(one(number) for number in range(guesses))))


@contextmanager
def valkey(product: Product, state: str) -> Iterator[None]:
    """Up as it is, stopped in its tracks, or gone."""
    store = Store(product.profile, "redis")
    known = processes.recorded(store.record)
    assert known, "Valkey is not running"
    if state == "hung":
        os.kill(known[0].pid, signal.SIGSTOP)
    elif state == "down":
        product.kill("valkey")
    try:
        yield
    finally:
        if state == "hung":
            os.kill(known[0].pid, signal.SIGCONT)
        elif state == "down":
            product.start("valkey")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guesses", type=int, default=1000)
    parser.add_argument("--states", default="up,hung,down")
    given = parser.parse_args()
    wrong = 0
    with running_product("guessing", env={"TRUSTED_PROXIES": "127.0.0.0/8"}) as product:
        for run, state in enumerate(given.states.split(","), start=1):
            for way in ways(product.base_url, run):
                with valkey(product, state):
                    begun = time.monotonic()
                    found = asyncio.run(storm(product.base_url, way, given.guesses))
                    took = time.monotonic() - begun
                good = found["let through"] == way.limit and found["refused"] + found["busy"] == given.guesses - way.limit
                wrong += not good
                what = f"Valkey {state:<5} {way.name:<16} {dict(found)} of {given.guesses}, limit {way.limit} ({took:.1f} s)"
                print("ok " if good else "NOT", what, flush=True)
    print("every limit holds exactly" if not wrong else f"{wrong} limits did not hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
