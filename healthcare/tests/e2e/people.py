"""How do end-to-end tests act as somebody? Over HTTP only, with what a client would know."""

import secrets
from typing import Any

import httpx
from django.conf import settings


class Person:
    """A caller of a running product: `desk.post("/queues/…/call-next")`. `clinic` is named in each call."""

    def __init__(self, base_url: str, clinic: str | None = None, access: str | None = None) -> None:
        headers = {"X-Clinic-ID": clinic} if clinic else {}
        if access:
            headers["Authorization"] = f"Bearer {access}"
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=60)
        self.access = access

    def get(self, path: str, want: int = 200, **params: Any) -> Any:
        return self._call("GET", path, want, params=params)

    def post(self, path: str, body: Any = None, want: int = 200, **headers: str) -> Any:
        return self._call("POST", path, want, json={} if body is None else body, headers=headers)

    def delete(self, path: str, want: int = 204) -> Any:
        return self._call("DELETE", path, want)

    def _call(self, method: str, path: str, want: int, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        assert answer.status_code == want, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        if want >= 400:
            assert answer.headers["content-type"].startswith("application/problem+json")
        return answer.json() if answer.content else None


def staff(base_url: str, role: str, clinic: str) -> Person:
    body = {"identifier": f"{role}@{clinic}.example", "password": settings.DEMO_PASSWORD}
    return Person(base_url, clinic, Person(base_url).post("/auth/login", body)["access"])


def newcomer(base_url: str, clinic: str, **known: str) -> Person:
    """Somebody who signs up at a clinic just now."""
    mark = secrets.token_hex(6)
    body = {
        "email": f"{mark}@people.example",
        "password": f"Wide-{mark}-door",
        "first_name": "Ilse",
        "last_name": "Okafor",
        **known,
    }
    person = Person(base_url, clinic, Person(base_url, clinic).post("/auth/register", body, want=201)["access"])
    person.mark = mark  # type: ignore[attr-defined]
    return person


def free_soon(person: Person, minutes: int = 55) -> tuple[str, list[dict[str, str]]]:
    """A doctor with a free time in the coming minutes, and all free times of the doctor's week."""
    from datetime import UTC, datetime, timedelta

    soon = datetime.now(UTC) + timedelta(minutes=minutes)
    for doctor in person.get("/users/doctors", kind="consultation", page_size=100)["results"]:
        slots = person.get(f"/appointments/doctor/{doctor['id']}/availability", kind="consultation", days=7)["slots"]
        if slots and datetime.fromisoformat(slots[0]["starts_at"]) <= soon:
            return doctor["id"], slots
    raise AssertionError("the demo has nobody free within the hour")
