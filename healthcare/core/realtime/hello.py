"""What may a client say, and from which page? One small frame, `{type: hello, ticket, since?}`; nothing after it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.http.request import validate_host

MAX_FRAME = 4096  # bytes
MAX_SEQ = 2**63 - 1


class Malformed(Exception):
    """The client said something that is no hello."""


class Left(Exception):
    """The client went."""


class Hello(NamedTuple):
    ticket: str
    since: int | None


async def read_hello(receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> Hello:
    """The client's first frame. Raises Malformed, Left."""
    message = await receive()
    if message["type"] != "websocket.receive":
        raise Left
    text = message.get("text")
    if text is None or len(text.encode(errors="replace")) > MAX_FRAME:
        raise Malformed
    try:
        frame = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        raise Malformed from None
    return _hello(frame)


def _hello(frame: object) -> Hello:
    if not isinstance(frame, dict) or frame.get("type") != "hello":
        raise Malformed
    ticket, since = frame.get("ticket"), frame.get("since")
    if not isinstance(ticket, str) or not ticket:
        raise Malformed
    if since is not None and (not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= MAX_SEQ):
        raise Malformed
    return Hello(ticket, since)


def origin_allowed(scope: Mapping[str, Any]) -> bool:
    """A page's Origin must be one of our hosts; what is no page (a device, a program) sends none and needs none."""
    origins = [value for name, value in scope.get("headers", ()) if name.lower() == b"origin"]
    if not origins:
        return True
    try:
        text = origins[0].decode("ascii")
        host = urlsplit(text).hostname or ""
    except ValueError:
        return False
    if len(origins) > 1 or not host:
        return False
    return text in settings.CSRF_TRUSTED_ORIGINS or validate_host(host, settings.ALLOWED_HOSTS)
