"""How do bytes become data and back? Strict JSON in, orjson out; whatever can't be stored is refused at the door."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

MAX_BODY = 1024 * 1024  # bytes of JSON; uploads have routes of their own


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        data = stream.read(MAX_BODY + 1)
        if len(data) > MAX_BODY:
            raise ParseError("The body is too large.")
        try:
            value = orjson.loads(data)
        except (orjson.JSONDecodeError, RecursionError):
            raise ParseError("The body is not valid JSON in UTF-8.") from None
        if b"\\u0000" in data and holds_nul(value):
            raise ParseError("Text must not contain NUL.")
        return value


def holds_nul(value: Any) -> bool:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str) and "\x00" in item:
            return True
        if isinstance(item, dict):
            todo += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            todo += item
    return False


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class FileRenderer(JSONRenderer):
    """Of actions that answer a file themselves: whatever the client accepts is right; a refusal is still a problem."""

    media_type = "*/*"
    format = "file"


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"
    format = "problem"
