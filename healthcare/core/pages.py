"""How is a long list answered? `{next, previous, results}` by cursor: stable order, nothing skipped while rows are added."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from healthcare.core.errors import Malformed
from healthcare.core.shapes import PLAIN


class InvalidCursor(Malformed):
    """Answered as what is not there: no schema can say which cursors are ours."""

    status = 404
    code = "invalid_cursor"
    detail = "The cursor is not one of ours."


class Pages(CursorPagination):
    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = ("-id",)  # UUIDv7: newest first

    def get_page_size(self, request: Any) -> int:
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= self.max_page_size:
            raise Malformed(f"page_size is a number from 1 to {self.max_page_size}.")
        return int(text)

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> Any:
        return getattr(view, "page_ordering", self.ordering)

    def decode_cursor(self, request: Any) -> Any:
        try:
            return super().decode_cursor(request)
        except (NotFound, ValueError, UnicodeError):
            raise InvalidCursor from None

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        from django.core.exceptions import ValidationError
        from django.db import DataError

        try:
            return super().paginate_queryset(queryset, request, view)
        except (DataError, ValidationError, ValueError):  # a cursor of ours, with somebody's own position in it
            raise InvalidCursor from None

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        cursor = {"type": "string", "pattern": rf"{PLAIN}|^$"}
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": cursor, "description": "From `next` or `previous`."},
            {"name": "page_size", "in": "query", "required": False, "schema": size, "description": "Results on a page."},
        ]
