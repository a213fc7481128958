"""Who calls while something is measured? Demo people, signed in; and what they need to know of the clinic first."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from benchmarks.wire import Answer, Connection

PASSWORD = os.environ.get("DEMO_PASSWORD", "demo-clinic-2026")


class Visitor:
    """A demo person in one clinic. `connections(n)` are theirs, all of one session."""

    def __init__(self, base: str, clinic: str, token: str) -> None:
        self.base, self.clinic = base, clinic
        self.headers = {"Authorization": f"Bearer {token}", "X-Clinic-ID": clinic}
        self.own = Connection(base, self.headers)

    @classmethod
    async def sign_in(cls, base: str, clinic: str, role: str = "receptionist") -> Visitor:
        """Ends the program where the server is away or has no demo."""
        door = Connection(base)
        body = {"identifier": f"{role}@{clinic}.example", "password": PASSWORD}
        try:
            answer = await door.call("POST", "/auth/login", body)
        except OSError as error:
            raise SystemExit(f"nobody answers at {base}: {error}") from None
        finally:
            door.close()
        if answer.status != 200:
            raise SystemExit(f"{body['identifier']} can't sign in ({answer.status}); is the demo seeded?")
        return cls(base, clinic, answer.json()["access"])

    async def call(self, method: str, path: str, body: Any = None, *, want: int = 200) -> Any:
        answer = await self.own.call(method, path, body)
        if answer.status != want:
            raise SystemExit(f"{method} {path.partition('?')[0]} answered {answer.status}, not {want}: {_code(answer)}")
        return answer.json() if answer.body else None

    def connections(self, number: int) -> list[Connection]:
        return [Connection(self.base, self.headers) for _ in range(number)]

    async def listed(self, path: str, most: int) -> list[Any]:
        """The first rows of a list, over its pages."""
        rows: list[Any] = []
        following = f"{path}{'&' if '?' in path else '?'}page_size=100"
        while following and len(rows) < most:
            page = await self.call("GET", following)
            rows += page["results"]
            following = _path_of(page["next"])
        return rows[:most]

    async def free_times(self, days: int, doctors: int = 8) -> list[dict[str, Any]]:
        """Bookings that can be made: those of the doctors with most to offer, each with `kind`, `doctor`, `starts_at`."""
        cards = await self.listed("/users/doctors?kind=consultation", 50)
        offers = []
        for card in cards:
            path = f"/appointments/doctor/{card['id']}/availability?days={days}&kind=consultation"
            slots = (await self.call("GET", path))["slots"]
            offers.append([{"kind": "consultation", "doctor": card["id"], "starts_at": s["starts_at"]} for s in slots])
        offers.sort(key=len, reverse=True)
        return [offer for of_doctor in offers[:doctors] for offer in of_doctor]


def _path_of(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}" if url else ""


def _code(answer: Answer) -> str:
    try:
        return str(answer.json().get("code"))
    except ValueError:
        return "no problem+json"
