"""How does a client call that costs next to nothing itself? HTTP/1.1 on plain asyncio, one kept connection each.

On a machine that runs server and client together, what the client spends is missing at the server; httpx spends as much on
a request as the server does.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATIENCE = 60.0
IDLE = 3.0  # a server ends a kept connection that nobody uses, uvicorn after 5 s; a new one is opened before that


class Answer(NamedTuple):
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class TooFast(SystemExit):
    def __init__(self) -> None:
        super().__init__(
            "the server answers 429: it limits each session to RATE_LIMIT_MAX calls a minute (1000). Start it for the run with"
            "\n    RATE_LIMIT_MAX=100000000 ./run.sh dev restart"
        )


class Connection:
    """One kept connection; `headers` go with each call."""

    def __init__(self, base: str, headers: dict[str, str] | None = None) -> None:
        self.at = urlsplit(base)
        if self.at.scheme != "http":
            raise SystemExit("plain http:// only: measure behind the TLS of a proxy, not through it")
        self.headers = {"Host": self.at.netloc, "Accept": "application/json", **(headers or {})}
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.used = 0.0

    async def open(self) -> Connection:
        self.reader, self.writer = await asyncio.open_connection(self.at.hostname, self.at.port or 80, limit=2**20)
        self.used = time.perf_counter()
        return self

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Raises TooFast for 429, OSError and TimeoutError for a server that is away or slower than a minute."""
        if self.writer is None or time.perf_counter() - self.used > IDLE:
            self.close()
            await self.open()
        assert self.reader and self.writer
        begun = time.perf_counter()
        self.writer.write(self._request(method, path, body, headers))
        status, data = await asyncio.wait_for(self._answer(), PATIENCE)
        self.used = time.perf_counter()
        if status == 429:
            raise TooFast
        return Answer(status, data, self.used - begun)

    def _request(self, method: str, path: str, body: Any, more: dict[str, str]) -> bytes:
        is_form = isinstance(body, str)  # urlencoded already; anything else is sent as JSON
        data = body.encode() if is_form else b"" if body is None else json.dumps(body).encode()
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded" if is_form else "application/json"
        if data or method != "GET":
            headers["Content-Length"] = str(len(data))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + data

    async def _answer(self) -> tuple[int, bytes]:
        assert self.reader
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "chunked" in headers.get("transfer-encoding", ""):
            data = await self._chunks()
        else:
            data = await self.reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(first.split(" ")[1]), data

    async def _chunks(self) -> bytes:
        assert self.reader
        found = b""
        while size := int((await self.reader.readline()).split(b";")[0], 16):
            found += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return found
