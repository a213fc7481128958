#!/usr/bin/env python3
"""Who wins a refresh, how soon is an end felt, can the clock tell who exists, which way do codes take?

    python drills/revoking.py [--rounds 200] [--hands 64] [--samples 2000] [--only refresh,ends,clock,ways]

Starts a product of its own with a provider of text messages that hangs, fails, answers late and twice.

refresh  one token, many hands at once, many rounds: one generation a round; theft ends the family; an honest retry does not
ends     logout, deactivation, role change, password change: the last request that was accepted, the last moment of a socket
clock    known and unknown people: |difference of medians| ≤ 1 ms, and a rank test that finds nothing (p > 0.01)
ways     what the provider does, which way the code took, how many codes work (one)
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from healthcare.embedded.ports import free_port  # noqa: E402
from healthcare.embedded.product import Product, running_product  # noqa: E402
from healthcare.tests.providers import Provider, provider  # noqa: E402

PARTS = ("refresh", "ends", "clock", "ways")
FELT = 2.0  # seconds
wrong: list[str] = []


def tell(good: bool, text: str) -> None:
    wrong.extend([] if good else [text])
    print(f"{'ok ' if good else 'NOT'} {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--hands", type=int, default=64)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--only", default=",".join(PARTS))
    given = parser.parse_args()
    with provider(free_port()) as texts:
        url = texts.sms_url.rpartition("@")[2]
        env = {"SMS_URL": f"http://AC1:secret@{url}", "SMS_FROM": "+15550001111", "LIMITS_TIMES": "1000000"}
        env["WHATSAPP_URL"] = texts.whatsapp_url
        with running_product("revoking", env={**env, "RATE_LIMIT_MAX": "100000000"}) as product:
            _django(product)
            for part in given.only.split(","):
                {"refresh": refresh, "ends": ends, "clock": clock, "ways": ways}[part](product, texts, given)
    print("all of it holds" if not wrong else f"{len(wrong)} did not hold")
    return 1 if wrong else 0


def _django(product: Product) -> None:
    """This process sees the product's own tables, as its web process does."""
    os.environ.update(product.env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "healthcare.settings"
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)


def person(**known: Any) -> Any:
    import secrets

    from accounts.services.people import register

    return register(**{"email": f"{secrets.token_hex(6)}@people.example", "password": "correct-horse-battery", **known})


# -- one refresh token, many hands


def refresh(product: Product, texts: Provider, given: Any) -> None:
    from django.db import connections

    from accounts.models import Session
    from accounts.services import sessions
    from accounts.services.sessions import Device
    from accounts.tokens import NotSignedIn

    phone, thief = Device("phone", "192.0.2.1"), Device("thief", "198.51.100.1")

    def hand(token: str, device: Device) -> str | None:
        try:
            return sessions.refresh(token=token, device=device).refresh
        except NotSignedIn:
            return None
        finally:
            connections.close_all()

    def at_once(token: str, devices: list[Device]) -> list[str | None]:
        gate = threading.Barrier(len(devices))

        def one(device: Device) -> str | None:
            gate.wait()
            return hand(token, device)

        with ThreadPoolExecutor(len(devices)) as pool:
            return list(pool.map(one, devices))

    moved = Counter()
    for _ in range(given.rounds):
        made = sessions.open_session(user=person(password=None), device=phone)
        got = at_once(made.refresh, [phone] * given.hands)
        session = Session.objects.get(pk=made.session.pk)
        moved[len(set(got)), None in got, session.generation, session.ended_why] += 1
    good = moved == Counter({(1, False, 2, ""): given.rounds})
    tell(
        good,
        f"refresh: {given.rounds} rounds of {given.hands} honest hands: (successors, refused, generation, ended) {dict(moved)}",
    )
    stolen = Counter()
    for _ in range(max(1, given.rounds // 10)):
        made = sessions.open_session(user=person(password=None), device=phone)
        got = at_once(made.refresh, [thief, *[phone] * (given.hands - 1)])
        after = {hand(token, phone) for token in {*got} - {None}}
        stolen[Session.objects.get(pk=made.session.pk).ended_why, after == {None}] += 1
    tell(set(stolen) == {("refresh_reused", True)}, f"refresh: theft ends the family and every token of it: {dict(stolen)}")
    made = sessions.open_session(user=person(password=None), device=phone)
    first = hand(made.refresh, phone)
    time.sleep(8)
    tell(hand(made.refresh, phone) == first, "refresh: an honest retry after 8 s gets the same successor")


# -- how soon an end is felt


def ends(product: Product, texts: Provider, given: Any) -> None:
    import httpx

    from accounts.models import Membership, User
    from accounts.roles import Role
    from accounts.services import people

    base, password = product.base_url, "correct-horse-battery"

    def a_nurse() -> tuple[User, str]:
        from clinics.models import Clinic

        user = person()
        people.grant(user=user, role=Role.RECEPTIONIST, clinic=Clinic.objects.get(slug="north"))
        made = httpx.post(f"{base}/auth/login", json={"identifier": user.email, "password": password}, timeout=60).json()
        return user, made["access"]

    def api(access: str, path: str, **body: Any) -> None:
        headers = {"Authorization": f"Bearer {access}"}
        assert httpx.post(f"{base}{path}", json=body, headers=headers, timeout=60).status_code == 204

    def role_ends(user: User) -> None:
        Membership.objects.filter(user=user).update(ended_at="2026-01-01T00:00:00Z")

    def elsewhere(user: User) -> str:
        body = {"identifier": user.email, "password": password}
        return str(httpx.post(f"{base}/auth/login", json=body, timeout=60).json()["access"])

    def new_password(user: User, access: str) -> None:
        api(elsewhere(user), "/auth/password/change", current_password=password, new_password="another-horse-battery")

    def by_admin(user: User, end_grant: bool) -> None:
        chief = person()
        people.grant(user=chief, role=Role.SUPER_ADMIN)
        grant = Membership.objects.get(user=user)
        headers = {"Authorization": f"Bearer {elsewhere(chief)}"}
        method, path = ("DELETE", f"/grants/{grant.pk}") if end_grant else ("POST", "/disable")
        assert httpx.request(method, f"{base}/users/{user.pk}{path}", headers=headers, timeout=60).status_code in (200, 204)

    causes: dict[str, Callable[[User, str], None]] = {
        "logout": lambda user, access: api(access, "/auth/logout"),
        "logout everywhere": lambda user, access: api(elsewhere(user), "/auth/logout", all_devices=True),
        "password change": new_password,
        "deactivated (another process)": lambda user, access: people.deactivate(user=user, by=None),
        "role ended (another process, SQL)": lambda user, access: role_ends(user),
        "grant ended by an admin": lambda user, access: by_admin(user, end_grant=True),
        "disabled by an admin": lambda user, access: by_admin(user, end_grant=False),
    }
    for name, cause in causes.items():
        http, socket = asyncio.run(_felt(base, *a_nurse(), cause))
        tell(
            max(http, socket) <= FELT,
            f"ends: {name}: last request accepted after {http:.2f} s, socket closed after {socket:.2f} s",
        )


async def _felt(base: str, user: Any, access: str, cause: Callable[[Any, str], None]) -> tuple[float, float]:
    """Seconds from the cause's end to the last accepted request, and to the socket's close."""
    import httpx
    import websockets

    headers = {"Authorization": f"Bearer {access}", "X-Clinic-ID": "north"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as client:
        queue = (await client.get("/queues")).json()["results"][0]["id"]
        ticket = (await client.post("/realtime/tickets")).json()["ticket"]
        async with websockets.connect(f"{base.replace('http', 'ws', 1)}/ws/queues/{queue}") as line:
            await line.send(f'{{"type": "hello", "ticket": "{ticket}"}}')
            await line.recv()
            await asyncio.to_thread(cause, user, access)
            begun = last = time.monotonic()
            closed = asyncio.create_task(_closed(line))
            while time.monotonic() - begun < 6:
                asked = time.monotonic()
                if (await client.get("/queues")).status_code == 200:
                    last = asked
                elif closed.done():
                    break
                await asyncio.sleep(0.05)
            return last - begun, (await asyncio.wait_for(closed, 10)) - begun


async def _closed(line: Any) -> float:
    import websockets

    try:
        while True:
            await line.recv()
    except websockets.ConnectionClosed:
        return time.monotonic()


# -- who exists, by the clock


def clock(product: Product, texts: Provider, given: Any) -> None:
    """The three at once, each by hands of its own: most of their time is waiting, and known and unknown take turns in each."""
    known = person()
    paths = {
        "login": ("/auth/login", {"password": "wrong-wrong-wrong"}),
        "code asked for": ("/auth/request-otp", {"channel": "auto"}),
        "reset asked for": ("/auth/password/forgot", {}),
    }
    with ThreadPoolExecutor(len(paths)) as hands:
        found = {name: hands.submit(timed, path, body, known.email, given.samples) for name, (path, body) in paths.items()}
    for name, work in found.items():
        there, nobody = work.result()
        apart, p = median(there) - median(nobody), rank_test(there, nobody)
        text = f"clock: {name}: {given.samples} each, medians {median(there):.2f} and {median(nobody):.2f} ms"
        tell(abs(apart) <= 1.0 and p > 0.01, f"{text}, apart {apart:+.3f} ms, p {p:.3f}")


def timed(path: str, body: dict[str, str], email: str, samples: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each answer: about somebody who is there, about nobody. The first twenty are not counted."""
    from django.db import connections
    from django.test import Client

    client, taken = Client(), ([], [])  # type: tuple[Any, tuple[list[float], list[float]]]
    for number in range(2 * samples + 20):
        identifier = email if number % 2 == 0 else f"{number:012x}@people.example"
        begun = time.perf_counter()
        client.post(path, {**body, "identifier": identifier}, content_type="application/json")
        if number >= 20:
            taken[number % 2].append((time.perf_counter() - begun) * 1000)
    connections.close_all()
    return taken


def rank_test(one: list[float], other: list[float]) -> float:
    """p of the Mann-Whitney U test, two-sided, normal approximation (samples are large, ties rare)."""
    marked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(marked, start=1) if which == 0)
    n, m = len(one), len(other)
    u, mean, spread = ranks - n * (n + 1) / 2, n * m / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(u - mean) / spread / math.sqrt(2))


# -- which way a code takes


def ways(product: Product, texts: Provider, given: Any) -> None:
    import httpx

    user = person(phone="+4915112345678")
    for mood in ("fine", "hang", "fail", "refuse", "busy", "nonsense", "drip", "late", "twice"):
        texts.mood["sms"], texts.patience, texts.delivered = mood, 7.0, []
        begun = time.monotonic()
        asked = httpx.post(f"{product.base_url}/auth/request-otp", json={"identifier": user.email}, timeout=30)
        answered = time.monotonic() - begun
        while not texts.delivered and time.monotonic() - begun < 30:
            time.sleep(0.05)
        took = time.monotonic() - begun
        time.sleep(4 if mood == "late" else 0.5)
        codes = {re.findall(r"\b(\d{6})\b", told.text)[0] for told in texts.delivered}
        tries = [
            httpx.post(
                f"{product.base_url}/auth/verify-otp", json={"challenge": asked.json()["challenge"], "code": code}, timeout=30
            )
            for told in texts.delivered
            for code in re.findall(r"\b(\d{6})\b", told.text)
        ]
        worked = [answer.status_code for answer in tries].count(200)
        by = [told.channel for told in texts.delivered]
        good = asked.status_code == 202 and len(codes) == 1 and worked == 1
        text = f"ways: SMS {mood:<8} answered in {answered * 1000:.0f} ms, out by {by} in {took:.1f} s"
        tell(good, f"{text}; {worked} of {len(tries)} worked")


if __name__ == "__main__":
    sys.exit(main())
