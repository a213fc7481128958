"""How much of a body is read at all? The ASGI server hands over whatever comes; past the limit it is answered and dropped.

Django's ASGI handler reads a whole body, to disk, before the first middleware sees the request: `Door` would come too late.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from healthcare.core.context import acting_as
from healthcare.core.ids import new_id
from healthcare.core.middleware import MAX_UPLOAD, TooLarge
from healthcare.core.problems import as_response

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Bounded:
    """An ASGI application whose requests' bodies end at MAX_UPLOAD bytes, announced or not."""

    def __init__(self, app: Any, limit: int = MAX_UPLOAD) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        left = self.limit

        async def bounded() -> Mapping[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
            return message

        try:
            if announced.isdigit() and (len(announced) > 18 or int(announced) > self.limit):
                raise TooLarge
            await self.app(scope, bounded, send)
        except TooLarge as refused:
            with acting_as(request_id=new_id().hex) as now:
                answer = as_response(refused)
            headers = [(b"content-type", answer["Content-Type"].encode()), (b"x-request-id", now.request_id.encode())]
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": [*headers, (b"connection", b"close")]}
            )
            await send({"type": "http.response.body", "body": answer.content})
