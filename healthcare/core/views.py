"""What do all REST views share? Who calls, in which clinic, what may they, once only, and a fresh read before a write.

    class AppointmentViewSet(ClinicViewSet):
        needs = {"list": "appointment.view", "create": "appointment.book"}

A view names one permission per action (`OPEN` for everybody, `SIGNED_IN` for any person); an action that names none is
refused. Order of the questions: limit → signed in → clinic named → clinic is there for the caller → role. Refused calls
count against the limit too.
"""

from contextlib import ExitStack
from typing import Any

from django.conf import settings
from rest_framework import exceptions, viewsets
from rest_framework.response import Response

from healthcare.core import idempotency, seen, throttles
from healthcare.core.context import acting
from healthcare.core.errors import StaleWrite
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.core.tenancy import ClinicConflict, ClinicNotFound, ClinicRequired, find_clinic, in_clinic, on_platform
from healthcare.core.throttles import Limit

__all__ = ["OPEN", "SIGNED_IN", "ClinicViewSet", "PlatformViewSet", "etag"]


class PlatformViewSet(viewsets.GenericViewSet[Any]):
    """Views about people, clinics as such and the installation: they run in the public schema."""

    needs: dict[str, str] = {}
    lookup_value_converter = "uuid"
    on_record: dict[str, str] = {}  # action -> "search" or "export", where its name does not say so
    member: Any = None  # accounts.membership.Member in a clinic, else None
    clinic: Any = None

    @property
    def need(self) -> str | None:
        return self.needs.get(self.action or "")

    @property
    def caller(self) -> Any:
        """Who asks: the member of the named clinic, else the person on the platform; None for nobody."""
        return self.member or getattr(getattr(self.request, "auth", None), "anywhere", None)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": self.caller if self.request else None}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self._place:
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()  # while still in the clinic: nothing lazy is read elsewhere
        return response

    def perform_authentication(self, request: Any) -> None:
        try:
            session_id = getattr(request.auth, "session_id", None)  # also checks a token that was not needed
        except exceptions.AuthenticationFailed:
            self._count(acting().address)
            raise
        self._count(str(session_id or acting().address))
        if self.action is None:
            raise exceptions.MethodNotAllowed(request.method)
        signed_in = bool(request.user and request.user.is_authenticated)
        if self.need != OPEN and not signed_in:
            raise exceptions.NotAuthenticated
        self.enter(request)

    def enter(self, request: Any) -> None:
        self.clinic = self.named_clinic(request)
        if self.clinic is not None and request.auth is not None:
            self.member = request.auth.member_of(self.clinic)
        self._place.enter_context(on_platform())

    def named_clinic(self, request: Any) -> Any:
        """The clinic that path, header or host name, if any. Raises ClinicConflict, ClinicNotFound."""
        given = {n for n in (self._in_path(), self._in_header(request), self._in_host(request)) if n}
        found = {name: find_clinic(name) for name in given}
        if None in found.values():
            raise ClinicNotFound
        if len({c.id for c in found.values()}) > 1:
            raise ClinicConflict
        return next(iter(found.values()), None)

    def _in_path(self) -> str:
        return str(self.kwargs.get("clinic_id", ""))

    def _in_header(self, request: Any) -> str:
        return str(request.headers.get("X-Clinic-ID", ""))

    def _in_host(self, request: Any) -> str:
        host = request.get_host().partition(":")[0]
        suffix = "." + settings.BASE_DOMAIN
        return host.removesuffix(suffix) if host.endswith(suffix) else ""

    def check_throttles(self, request: Any) -> None:
        """Counted long before (`perform_authentication`), so that what was refused counts too."""

    def _count(self, subject: str) -> None:
        throttles.hit(Limit("api", settings.RATE_LIMIT_MAX, settings.RATE_LIMIT_SECONDS), subject)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if (key := idempotency.key_of(request)) is not None:
            action = getattr(self, str(self.action))
            method = request.method.lower()
            setattr(self, method, lambda r, *a, **k: idempotency.once(key, r.data, lambda: action(r, *a, **k)))

    def fresh(self, row: Any) -> None:
        """Raises StaleWrite unless If-Match, where given, names the row's present version. Asked once the body is valid."""
        wanted = self.request.headers.get("If-Match")
        if wanted not in (None, "*") and etag(row) not in [w.strip() for w in wanted.split(",")]:
            raise StaleWrite

    def answer(self, row: Any, output: Any, status: int = 200) -> Response:
        """One resource on the wire, with its version as ETag where it has one."""
        seen.note_shown([row])
        headers = {"ETag": etag(row)} if hasattr(row, "version") else {}
        return Response(output(row, context=self.get_serializer_context()).data, status=status, headers=headers)

    def parsed(self, shape: Any, **kwargs: Any) -> dict[str, Any]:
        """The request's body as `shape` says. Raises ValidationError with every field's fault."""
        serializer = shape(data=self.request.data, context=self.get_serializer_context(), **kwargs)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def asked(self, shape: Any) -> dict[str, Any]:
        """The query string as `shape` says; an unknown or empty parameter is ignored."""
        serializer = shape(data=self.request.query_params.dict(), context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def page(self, rows: Any, output: Any, prepare: Any = None) -> Response:
        """One page of `rows`. `prepare(list)` may load what the page needs at once (keys, names)."""
        found = self.paginate_queryset(rows)
        if prepare is not None:
            prepare(found)
        seen.note_shown(found)
        data = output(found, many=True, context=self.get_serializer_context()).data
        return self.get_paginated_response(data)


class ClinicViewSet(PlatformViewSet):
    """Views about a clinic's own data: they run in its schema, as its role, for its members.

    Actions in `open_to_joiners` answer signed-in people who are not members yet (directory, professional cards, free times).
    """

    open_to_joiners: frozenset[str] = frozenset()

    def enter(self, request: Any) -> None:
        self.clinic = self.named_clinic(request)
        if self.clinic is None:
            raise ClinicRequired
        self.member = request.auth.member_of(self.clinic) if request.auth is not None else None
        if self.member is None and self.need != OPEN and self.action not in self.open_to_joiners:
            raise ClinicNotFound
        self._place.enter_context(in_clinic(self.clinic))


def etag(row: Any) -> str:
    return f'"{row.version}"'
