"""What answers instead of Stripe? A server on loopback that keeps sessions, refunds and idempotency keys as Stripe does.

It says no where Stripe does: a refund beyond what was paid, another body under a used key, a session that is over.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET = "whsec_of_the_stub"


class Stub:
    """The gateway's own books."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, dict[str, Any]]] = {}
        self.calls: list[str] = []
        self.away = 0  # so many calls are answered 500 after they took effect
        self.refund_state = "succeeded"
        self.lock = threading.RLock()

    # what a payer does
    def pay(self, session_id: str) -> None:
        with self.lock:
            session = self.sessions[session_id]
            assert session["status"] == "open"
            number = session_id.rpartition("_")[2]
            session |= {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{number}"}

    def run_out(self, session_id: str) -> None:
        self.sessions[session_id]["status"] = "expired"

    def returned(self, charge: str) -> int:
        made = [r for r in self.refunds.values() if r["payment_intent"] == charge and r["status"] != "failed"]
        return sum(r["amount"] for r in made)

    # what the API does
    def answer(self, method: str, path: str, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.calls.append(f"{method} {path}")
            status, body = self._once(method, path, form, key)
            if self.away:
                self.away -= 1
                return 500, {"error": {"type": "api_error", "message": "away"}}
            return status, body

    def _once(self, method: str, path: str, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        if method != "POST" or not key:
            return self._do(method, path, form)
        print_of = json.dumps([path, form], sort_keys=True)
        if key in self.answers:
            known, body = self.answers[key]
            if known != print_of:
                return 400, {"error": {"type": "idempotency_error", "message": "another body"}}
            return 200, body
        status, body = self._do(method, path, form)
        if status == 200:
            self.answers[key] = (print_of, dict(body))
        return status, body

    def _do(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        match [method, *path.strip("/").split("/")]:
            case ["POST", "v1", "checkout", "sessions"]:
                return self._open(form)
            case ["GET", "v1", "checkout", "sessions", name] if name in self.sessions:
                return 200, self.sessions[name]
            case ["POST", "v1", "checkout", "sessions", name, "expire"] if name in self.sessions:
                if self.sessions[name]["status"] != "open":
                    return _no("This session is over.")
                self.sessions[name]["status"] = "expired"
                return 200, self.sessions[name]
            case ["POST", "v1", "refunds"]:
                return self._refund(form)
            case ["GET", "v1", "refunds"]:
                found = [r for r in self.refunds.values() if r["payment_intent"] == form.get("payment_intent")]
                return 200, {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}
        return 404, {"error": {"type": "invalid_request_error", "message": "unknown"}}

    def _open(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        name = f"cs_test_{len(self.sessions) + 1}x{id(self)}"
        self.sessions[name] = session = {
            "id": name,
            "object": "checkout.session",
            "url": f"https://checkout.stub.invalid/{name}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "expires_at": int(form["expires_at"]),
            "metadata": {"payment": form["metadata[payment]"]},
        }
        return 200, session

    def _refund(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        charge, amount = form["payment_intent"], int(form["amount"])
        paid = next((s["amount_total"] for s in self.sessions.values() if s["payment_intent"] == charge), 0)
        if self.returned(charge) + amount > paid:
            return _no("Greater than unrefunded amount.")
        name = f"re_{len(self.refunds) + 1}x{id(self)}"
        metadata = {"refund": form["metadata[refund]"]} if "metadata[refund]" in form else {}
        self.refunds[name] = {
            "id": name, "object": "refund", "payment_intent": charge, "amount": amount, "status": self.refund_state,
            "metadata": metadata,
        }  # fmt: skip
        return 200, self.refunds[name]


def signed(event: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
    """Body and Stripe-Signature header of a message."""
    body, stamp = json.dumps(event).encode(), int(at or time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={digest}"


def event(event_id: str, thing: dict[str, Any], kind: str = "checkout.session.completed") -> dict[str, Any]:
    return {"id": event_id, "object": "event", "type": kind, "data": {"object": thing}}


@contextmanager
def running() -> Iterator[Stub]:
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            form = dict(parse_qsl(parts.query)) | dict(parse_qsl(self.rfile.read(length).decode()))
            status, body = stub.answer(self.command, parts.path, form, self.headers.get("Idempotency-Key", ""))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()


def _no(message: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": {"type": "invalid_request_error", "message": message}}
