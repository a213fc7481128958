"""Who was told no? A signed-in person's 403 or 404, with the route and the id asked for, never the address as typed."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse

from healthcare.core.context import acting
from healthcare.core.ids import as_id
from healthcare.core.tenancy import in_clinic
from monitoring.routes import route_of
from monitoring.trail.entry import Action
from monitoring.trail.writing import record

log = logging.getLogger(__name__)


class RefusalsRecorded:
    """A refusal inside a clinic goes on the clinic's trail; what was asked of a clinic by a stranger, on the platform's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in (403, 404) and acting().actor_id is not None and request.resolver_match:
            self._record(request, response)
        return response

    def _record(self, request: HttpRequest, response: HttpResponse) -> None:
        clinic, member = place_of(request, response)
        try:
            with in_clinic(clinic) if member else nullcontext():
                record(
                    Action.REFUSED,
                    f"{request.method} {route_of(request)}",
                    _id_of(request),
                    changes={"status": [None, response.status_code]},
                    clinic_id=clinic.id if clinic else None,
                    in_clinic=member,
                )
        except Error as error:  # the answer is a refusal either way
            log.error("trail.refusal_not_recorded", extra={"error": type(error).__name__})


def place_of(request: HttpRequest, response: HttpResponse) -> tuple[Any, bool]:
    """The clinic the request was about, and whether the caller belongs there."""
    if (view := (getattr(response, "renderer_context", None) or {}).get("view")) is not None:
        return getattr(view, "clinic", None), getattr(view, "member", None) is not None
    clinic = getattr(request, "clinic", None)  # the admin's
    return clinic, clinic is not None


def _id_of(request: HttpRequest) -> str:
    given = request.resolver_match.kwargs.values() if request.resolver_match else ()
    return next((str(value) for value in given if as_id(value) is not None), "")
