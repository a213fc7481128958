"""How do tests get a provider of text messages? A real HTTP server on this machine that speaks as Twilio and the Cloud API do.

    with provider() as there:                     # or the fixture `texts` (conftest.py), which sets both channels up
        there.mood["sms"] = "hang"

It keeps what it was told, once for each Idempotency-Key, as a good provider does (`delivered`), and every call (`calls`).
Moods: fine · hang (never answers) · fail (500) · refuse (the person's number) · late (answers after `patience` seconds) ·
twice (delivers two copies and sends its answer twice) · drip (a byte now and then) · nonsense (200, and no JSON) · busy (429).
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs


class Told(NamedTuple):
    channel: str
    to: str
    text: str  # of an SMS its body; of a template its name and parameters
    key: str
    body: dict[str, Any]


class Provider(ThreadingHTTPServer):
    """`mood` by channel (`sms`, `whatsapp`)."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Call)
        self.mood = {"sms": "fine", "whatsapp": "fine"}
        self.patience = 1.0  # seconds
        self.calls: list[Told] = []
        self.delivered: list[Told] = []
        self.over = threading.Event()
        self.lock = threading.Lock()

    def take(self, told: Told, copies: int = 1) -> None:
        with self.lock:
            if all(told.key != d.key or told.channel != d.channel for d in self.delivered):
                self.delivered += [told] * copies

    @property
    def sms_url(self) -> str:
        return f"http://AC123:sms-secret@127.0.0.1:{self.server_port}"

    @property
    def whatsapp_url(self) -> str:
        return f"http://api:wa-secret@127.0.0.1:{self.server_port}/v23.0/1555"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is what the tests are about."""


class Call(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = _sms(self, body) if self.path.endswith("/Messages.json") else _whatsapp(self, body)
        self.server.calls.append(told)
        mood = self.server.mood[told.channel]
        getattr(self, f"_{mood}")(told)

    def _fine(self, told: Told) -> None:
        self.server.take(told)
        self._answer(200, _taken(told))

    def _twice(self, told: Told) -> None:
        self.server.take(told, copies=2)
        self._answer(200, _taken(told))
        self._answer(200, _taken(told))

    def _hang(self, told: Told) -> None:
        self.server.over.wait(60)

    def _fail(self, told: Told) -> None:
        self._answer(500, {"error": {"code": 131000}, "code": 20500})

    def _busy(self, told: Told) -> None:
        self._answer(429, {"error": {"code": 130429}, "code": 20429})

    def _refuse(self, told: Told) -> None:
        self._answer(400, {"error": {"code": 131026, "message": f"no {told.to}"}, "code": 21211, "message": f"no {told.to}"})

    def _late(self, told: Told) -> None:
        self.server.over.wait(self.server.patience)
        self._fine(told)

    def _nonsense(self, told: Told) -> None:
        self._write(200, b"<html>")

    def _drip(self, told: Told) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        for _ in range(600):
            self.wfile.write(b" ")
            if self.server.over.wait(0.1):
                return

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self._write(status, json.dumps(body).encode())

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are told through `calls`."""


def _sms(call: Call, body: bytes) -> Told:
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return Told("sms", form["To"], form["Body"], call.headers.get("Idempotency-Key", ""), form)


def _whatsapp(call: Call, body: bytes) -> Told:
    said = json.loads(body)
    words = [p["text"] for part in said["template"]["components"] for p in part["parameters"]]
    text = " ".join([said["template"]["name"], *words])
    return Told("whatsapp", f"+{said['to']}", text, call.headers.get("Idempotency-Key", ""), said)


def _taken(told: Told) -> dict[str, Any]:
    made = f"{told.channel}-{time.monotonic_ns()}"
    return {"sid": made, "status": "queued"} if told.channel == "sms" else {"messages": [{"id": made}]}


@contextmanager
def provider(port: int = 0) -> Iterator[Provider]:
    """A provider that runs until the block ends."""
    there = Provider(port)
    thread = threading.Thread(target=there.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        there.over.set()
        there.shutdown()
        there.server_close()
