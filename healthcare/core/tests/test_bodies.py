"""Is a body that nobody wants left unread, whether or not its size was announced?"""

import json
from typing import Any

import pytest

from healthcare.core.bodies import Bounded

LIMIT = 100


async def played(pieces: list[bytes], headers: list[tuple[bytes, bytes]] | None = None) -> tuple[list[Any], list[bytes]]:
    """What is answered to a body that comes in pieces, and what the application behind was given of it."""
    sent: list[Any] = []
    read: list[bytes] = []
    left = [{"type": "http.request", "body": p, "more_body": i + 1 < len(pieces)} for i, p in enumerate(pieces)]

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            read.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await Bounded(app, LIMIT)({"type": "http", "headers": headers or []}, receive, send)
    return sent, read


async def test_a_body_within_the_limit_goes_through() -> None:
    sent, read = await played([b"x" * 60, b"x" * 40], [(b"content-length", b"100")])
    assert (sent[0]["status"], b"".join(read)) == (200, b"x" * 100)


@pytest.mark.parametrize("length", [b"101", b"9" * 5000])
async def test_one_announced_as_larger_is_not_read_at_all(length: bytes) -> None:
    sent, read = await played([b"x"], [(b"content-length", length)])
    assert (sent[0]["status"], json.loads(sent[1]["body"])["code"], read) == (413, "too_large", [])


async def test_one_that_grows_larger_unannounced_is_dropped_where_it_does() -> None:
    sent, read = await played([b"x" * 60] * 50)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["status"], len(read)) == (413, 413, 1)
