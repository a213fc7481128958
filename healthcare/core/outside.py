"""How is a server outside asked over HTTP, within a time that holds? One call, one connection, one answer or none.

A socket's own timeout counts from byte to byte: a server that sends one now and then holds its caller for ever. Here the
whole call has `seconds`; after them the connection is cut.
"""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

LARGEST = 64 * 1024  # bytes of an answer that are read; providers' answers are some hundred


class Away(Exception):
    """No answer that can be read: not reached, cut off, or out of time. It may have been understood all the same."""


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body's object; an empty one where it is anything else."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


def post(url: str, *, headers: Mapping[str, str], body: bytes, seconds: float, address: str = "") -> Answer:
    """As `call` does."""
    return call("POST", url, headers=headers, body=body, seconds=seconds, address=address)


def call(method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float, address: str = "") -> Answer:
    """Ask and read the answer, redirects not followed. Raises Away; its text holds nothing of the call.

    `address` is what to connect to, whatever the name says now; certificate and Host stay the name's.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    if address:
        connection._create_connection = _to(address)  # type: ignore[attr-defined]  # http.client's own hook
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    ends, watch = time.monotonic() + seconds, threading.Timer(seconds, _cut, [connection])
    watch.daemon = True
    try:
        connection.connect()
        watch.interval = max(0.0, ends - time.monotonic())
        watch.start()
        connection.request(method, target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(LARGEST)
        if answer.length and len(body) < LARGEST:  # cut off in the middle
            raise Away
        return Answer(answer.status, body)
    except (OSError, http.client.HTTPException, ValueError, AttributeError):  # the last: cut between two reads
        raise Away from None
    finally:
        watch.cancel()
        connection.close()


def _to(address: str) -> Callable[..., socket.socket]:
    return lambda named, *args: socket.create_connection((address, named[1]), *args)


def _cut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
