"""How does a request run under an ASGI server? As under WSGI: in one thread, from the first middleware to the last.

Django's own handler goes back to the event loop before the view and once more to log a refusal. Nothing of ours is async
between socket and view, so that would be three changes of threads for nothing, which a burst pays for.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler


class Handler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        """All of it for the thread, whatever a middleware could do besides."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: Any) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
