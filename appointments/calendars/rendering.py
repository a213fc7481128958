"""How does a calendar go over the wire? As text/calendar, with a tag by which a reader asks whether it changed."""

import hashlib
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from healthcare.core.wire import JSONRenderer


class CalendarRenderer(BaseRenderer):
    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(self, data: Any, media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data if isinstance(data, bytes) else JSONRenderer().render(data)  # a problem


class Always(BaseContentNegotiation):
    """A calendar asks with whatever Accept it has; there is one way to answer."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def answered(request: Any, body: bytes, file: str) -> Response:
    """The calendar, or 304 where the reader has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=0, must-revalidate"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return Response(body, headers=headers, content_type="text/calendar; charset=utf-8")
