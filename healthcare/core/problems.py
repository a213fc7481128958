"""How does an error look on the wire? RFC 9457 `application/problem+json`, the same for DRF and plain Django."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from healthcare.core.context import acting
from healthcare.core.errors import Forbidden, Malformed, NotFound, Overloaded, Refused
from healthcare.core.languages import direction, language_of
from healthcare.core.problem_words import FRAME, said

CONTENT_TYPE, PAGE_TYPE = "application/problem+json", "text/html"
log = logging.getLogger(__name__)


class FormExpired(Forbidden):
    code = "form_expired"
    detail = "The form's security token is missing or old; reload the page."


# what the page's own sentence says already, in every language
GENERAL = {one.detail for one in (Malformed, Forbidden, NotFound, Refused, Overloaded, FormExpired)}
# code by DRF class; what DRF calls `default_code` where that is already ours
CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed",
    exceptions.ValidationError: "invalid",
    exceptions.AuthenticationFailed: "not_signed_in",
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem: type, title, status, code, detail, errors, request_id and what a refusal adds."""
    return {
        "type": f"urn:healthcare:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": more.pop("errors", []),
        "request_id": acting().request_id,
        **more,
    }


def of_refusal(refused: Refused) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if refused.status == 409:
        more = {"reasons": [r.on_wire() for r in refused.reasons], "alternatives": refused.alternatives}
    return problem(refused.status, refused.code, refused.detail, **more)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error a client can cause becomes a problem; others stay errors of ours."""
    answer = answer_to(error)
    if answer is None:
        return None
    set_rollback()
    body, headers = answer
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def answer_to(error: Exception) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The problem and its headers for an error, or None where the fault is ours."""
    if is_busy(error):
        error = Overloaded(retry_after=1)
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        error = Malformed("The body is too large.")
    if isinstance(error, SuspiciousOperation):
        error = Malformed()
    if isinstance(error, Refused):
        return of_refusal(error), _headers(error.status, error.retry_after)
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    return None


def _of_api_exception(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    code = next((CODES[c] for c in type(error).__mro__ if c in CODES), "error")
    if isinstance(error, exceptions.ValidationError):
        body = problem(400, code, "Some fields are not valid.", errors=list(_field_errors(error.detail)))
    else:
        body = problem(error.status_code, code, str(error.detail))
    return body, _headers(error.status_code, getattr(error, "wait", None))


def is_busy(error: Exception) -> bool:
    """No connection, statement or lock timeout, too many clients: the client may try again."""
    if not isinstance(error, (OperationalError, PoolTimeout)):
        return False
    state = getattr(error.__cause__, "sqlstate", None) if error.__cause__ else None
    return isinstance(error, PoolTimeout) or state is None or state[:2] in {"08", "53", "55", "57", "40"}


def _headers(status: int, wait: float | None) -> dict[str, str]:
    headers = {}
    if wait is not None or status in (429, 503):
        headers["Retry-After"] = str(max(1, int(-(-(wait or 1) // 1))))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested detail: field is a dotted path, empty for the whole body."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _field_errors(value, ".".join(p for p in (path, name) if p))
    elif isinstance(detail, list):
        for i, value in enumerate(detail):
            nested = isinstance(value, (dict, list))
            yield from _field_errors(value, f"{path}.{i}".strip(".") if nested else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid") or "invalid", "message": str(detail)}


def as_response(error: Exception, request: HttpRequest | None = None) -> HttpResponse:
    """The same answer outside DRF (middleware, Django's own error views); a page for `request`s of people in a browser."""
    body, headers = answer_to(error) or (problem(500, "server_error", "Something went wrong on our side."), {})
    headers["Vary"] = "Accept, Accept-Language"
    if request is not None and request.get_preferred_type([CONTENT_TYPE, PAGE_TYPE]) == PAGE_TYPE:
        language = language_of(request)
        headers["Content-Language"] = language
        page = get_template("problem.html").render(
            _said(body, language)
        )  # without the request: nobody is looked up for an error
        return HttpResponse(page, status=body["status"], content_type=f"{PAGE_TYPE}; charset=utf-8", headers=headers)
    return HttpResponse(orjson.dumps(body, default=str), status=body["status"], content_type=CONTENT_TYPE, headers=headers)


def _said(body: dict[str, Any], language: str) -> dict[str, Any]:
    """What the page says: in English as programs are told it, in other languages what it comes to, then the English beside."""
    heading, sentence = said(language, body["status"], body["code"]) or (body["title"], body["detail"])
    told = [body["detail"], *(reason["detail"] for reason in body.get("reasons", ()))]
    causes = [cause for cause in dict.fromkeys(told) if cause not in {sentence, *GENERAL}]
    facts = {"language": language, "direction": direction(language), "frame": FRAME[language]}
    return {**facts, "heading": heading, "sentence": sentence, "causes": causes, "request_id": body["request_id"]}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_response(exception if isinstance(exception, (Refused, RequestDataTooBig)) else Malformed(), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_response(exceptions.PermissionDenied(), request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_response(NotFound(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    return as_response(RuntimeError(), request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return as_response(FormExpired(), request)
