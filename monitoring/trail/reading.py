"""Who looked at whose health data? Each request that opened some leaves one entry with the ids, before it is answered.

What was seen is collected below the views (`healthcare.core.seen`), in the API and the admin alike. A look of the same sign-in
at the same rows within a minute is one look. What a request changed is told by that change's own entry. An answer whose look
can't be put on record is not given.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from cachetools import TTLCache
from django.db import Error
from django.http import HttpRequest, HttpResponse

from healthcare.core import seen
from healthcare.core.context import acting
from healthcare.core.errors import Refused
from healthcare.core.problems import as_response
from healthcare.core.tenancy import find_clinic, in_clinic
from monitoring.routes import route_of
from monitoring.trail.entry import Action
from monitoring.trail.refusals import place_of
from monitoring.trail.writing import record

log = logging.getLogger(__name__)

SAME_LOOK = 60  # seconds
MOST = 1000  # ids of one entry; a larger look leaves several
WORDS = {"search": Action.SEARCH, "export": Action.EXPORT, "download": Action.EXPORT}  # in the name of a view's action
_looks: TTLCache[Any, bool] = TTLCache(maxsize=100_000, ttl=SAME_LOOK)
_lock = threading.Lock()
Rows = dict[tuple[UUID, str, str], UUID | None]


class NotRecorded(Refused):
    status = 503
    code = "not_recorded"
    detail = "The look could not be put on record, so it is not answered."


class ReadsRecorded:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with seen.collecting() as found:
            response = self.get_response(request)
        if response.status_code >= 400:
            return response
        try:
            _put_on_record(request, response, found)
        except Error as error:
            log.error("trail.look_not_recorded", extra={"error": type(error).__name__})
            return as_response(NotRecorded(retry_after=1), request)
        return response


def forget() -> None:
    """Drop what is remembered of recent looks (a test starts)."""
    with _lock:
        _looks.clear()


def _put_on_record(request: HttpRequest, response: HttpResponse, found: seen.Seen) -> None:
    action = _action_of(request, response)
    rows = {key: whose for key, whose in found.rows.items() if whose is None or whose not in found.changed}
    if action == Action.ACCESS:
        rows = _not_lately(rows)
    by_clinic: dict[UUID, Rows] = defaultdict(dict)
    for key, whose in rows.items():
        by_clinic[key[0]][key] = whose
    clinic, _ = place_of(request, response)
    if action == Action.SEARCH and clinic is not None and acting().actor_id:
        by_clinic.setdefault(clinic.id, {})  # a search that found nobody was one, too
    for clinic_id, some in by_clinic.items():
        with in_clinic(clinic if clinic is not None and clinic.id == clinic_id else find_clinic(clinic_id)):
            _record(request, response, action, some)
    with _lock:
        _looks.update({_look(key): True for key in rows})


def _record(request: HttpRequest, response: HttpResponse, action: str, rows: Rows) -> None:
    keys = list(rows)
    for start in range(0, max(len(keys), 1), MOST):
        part = keys[start : start + MOST]
        ids: dict[str, list[str]] = defaultdict(list)
        for _, label, pk in part:
            ids[label].append(pk)
        main = _main(response, ids)
        record(
            action,
            main or f"{request.method} {route_of(request)}",
            ids[main][0] if main and len(ids[main]) == 1 else "",
            changes={"route": [None, f"{request.method} {route_of(request)}"], "seen": [None, dict(ids)]},
            subjects=sorted({whose for key in part if (whose := rows[key]) is not None}),
            in_clinic=True,
        )


def _action_of(request: HttpRequest, response: HttpResponse) -> str:
    view = _view(response)
    if view is None:
        return Action.SEARCH if request.GET.get("q") or request.POST.get("q") else Action.ACCESS
    name = str(getattr(view, "action", "") or "")
    said = getattr(view, "on_record", {}).get(name)
    return said or next((action for word, action in WORDS.items() if word in name), Action.ACCESS)


def _main(response: HttpResponse, ids: dict[str, list[str]]) -> str:
    """What the request was about: its view's own model where rows of it were seen, else what was seen first."""
    queryset = getattr(_view(response), "queryset", None)
    own = queryset.model._meta.label_lower if queryset is not None else ""
    return own if own in ids else next(iter(ids), "")


def _view(response: HttpResponse) -> Any:
    return (getattr(response, "renderer_context", None) or {}).get("view")


def _not_lately(rows: Rows) -> Rows:
    with _lock:
        return {key: whose for key, whose in rows.items() if _look(key) not in _looks}


def _look(key: tuple[UUID, str, str]) -> tuple[Any, ...]:
    now = acting()
    return (now.session_id or now.actor_id or now.address, now.purpose, *key)
