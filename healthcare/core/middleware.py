"""What happens to every request before it finds its view? It gets an id; what can never be valid is refused."""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from healthcare.core.addresses import client_address
from healthcare.core.context import PURPOSES, acting_as
from healthcare.core.errors import Malformed, Refused
from healthcare.core.ids import new_id
from healthcare.core.problems import as_response, is_busy
from healthcare.core.tenancy import on_platform
from healthcare.core.wire import MAX_BODY

Next = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
MAX_UPLOAD = 25 * 1024 * 1024


class TooLarge(Malformed):
    status = 413
    code = "too_large"
    detail = "The body is too large."


class UnknownPurpose(Malformed):
    code = "purpose_unknown"
    detail = f"X-Purpose is one of {', '.join(PURPOSES)}."


class Circumstances:
    """Gives the request its id (the client's, where well formed) and says who acts from where, for as long as it lasts."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.match(given) else new_id().hex
        purpose = request.headers.get("X-Purpose", "")
        known = {"request_id": request_id, "address": client_address(request)}
        circumstances = {**known, "purpose": purpose if purpose in PURPOSES else ""}
        with acting_as(**circumstances, actor_id=None, session_id=None), on_platform():  # every request begins in no clinic
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class Door:
    """Refuses what no view can use: oversized bodies, NUL or broken UTF-8 in the address."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = self._refusal(request)
        return as_response(refusal, request) if refusal else self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """In a plain page too (admin) a verb may refuse, and the database be busy; that is an answer, no fault of ours."""
        return as_response(error, request) if isinstance(error, Refused) or is_busy(error) else None

    def _refusal(self, request: HttpRequest) -> Malformed | None:
        if _not_text(request.path.encode(errors="surrogateescape")):
            return Malformed("The path is not valid UTF-8 text.")
        if _not_text(unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))):
            return Malformed("The query is not valid UTF-8 text.")
        if request.headers.get("X-Purpose", PURPOSES[0]) not in PURPOSES:
            return UnknownPurpose()
        length = request.headers.get("Content-Length", "0") or "0"
        if not length.isdigit():
            return Malformed("Content-Length is not a number.")
        form = request.headers.get("Content-Type", "").startswith("multipart/")
        upload = form and any(re.fullmatch(path, request.path) for path in settings.UPLOADS)
        return TooLarge() if int(length) > (MAX_UPLOAD if upload else MAX_BODY) else None


def _not_text(data: bytes) -> bool:
    try:
        return "\x00" in data.decode()
    except UnicodeDecodeError:
        return True
