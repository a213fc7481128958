"""Is the product up, by its own word?"""

import http.client
import json
import time
from collections.abc import Callable

from healthcare.embedded.ports import LOOPBACK

EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 — compared with, never bound


def health(host: str, port: int) -> tuple[bool, str]:
    """Whether GET /health says ok, and in words what it said."""
    line = http.client.HTTPConnection(LOOPBACK if host in EVERYWHERE else host, port, timeout=5)
    try:
        line.request("GET", "/health", headers={"Accept": "application/json"})
        answer = line.getresponse()
        body = answer.read(100_000)
    except (OSError, http.client.HTTPException) as silent:
        return False, f"no answer ({silent})"
    finally:
        line.close()
    return _judged(answer.status, body)


def wait_until_ok(host: str, port: int, *, patience: float, dead: Callable[[], str | None] = lambda: None) -> str | None:
    """None once the product is up; else, after `patience` seconds or as soon as `dead` knows why, what is wrong."""
    deadline = time.monotonic() + patience
    while True:
        well, said = health(host, port)
        if well:
            return None
        if why := dead():
            return why
        if time.monotonic() > deadline:
            return f"/health: {said}"
        time.sleep(0.1)


def _judged(status: int, body: bytes) -> tuple[bool, str]:
    try:
        told = json.loads(body)
        state = str(told["status"])
    except (ValueError, KeyError, TypeError):
        return False, f"{status} without a status"
    return status == 200 and state == "ok", f"{status} {state} {_ailing(told)}".strip()


def _ailing(told: dict[str, object]) -> str:
    """The parts that are not ok, however the answer nests them."""
    parts = next((value for value in told.values() if isinstance(value, dict)), {})
    ill = [name for name, part in parts.items() if (part.get("status") if isinstance(part, dict) else part) != "ok"]
    return f"({', '.join(ill)})" if ill else ""
