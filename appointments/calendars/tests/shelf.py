"""What do tests copy appointments to? A CalDAV collection on loopback that takes PUT and DELETE and can be made to fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from icalendar import Calendar


class Shelf:
    """A CalDAV collection on loopback."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.status, self.seen = 201, list[tuple[str, str, str]]()
        self.url = ""

    def answer(self, method: str, path: str, sign: str, body: bytes) -> int:
        self.seen.append((method, path, sign))
        if self.status >= 400:
            return self.status
        if method == "PUT":
            self.held[path] = body
            return 201
        return 204 if self.held.pop(path, None) else 404

    def events(self) -> list[Any]:
        return [event for body in self.held.values() for event in Calendar.from_ical(body).walk("VEVENT")]


@contextmanager
def running() -> Iterator[Shelf]:
    """An empty collection; `WEBHOOK_NETWORKS` must allow 127.0.0.0/8 for it to be called."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(shelf.answer(self.command, self.path, self.headers.get("Authorization", ""), body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_PUT(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def log_message(self, *args: Any) -> None:
            return None

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.url = f"http://127.0.0.1:{made.server_address[1]}/cal/ada"
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield shelf
    finally:
        made.shutdown()
        made.server_close()
