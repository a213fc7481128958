"""Which faults could bring a wall down? Each is planted in the running product, and says where the probe should look for it."""

import hashlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils import timezone

from accounts import admin_clinic, permissions, signed_in, tokens
from accounts.authentication import Bearer
from accounts.membership import Member
from accounts.roles import Role
from accounts.services import tickets
from accounts.signed_in import SignedIn
from appointments import dashboard, serializers
from appointments.queue.models import QueueQuerySet
from appointments.views import AppointmentViewSet
from healthcare.core import cache, idempotency, jobs, pages, tenancy, views
from healthcare.core.errors import Forbidden, NotFound
from healthcare.core.ids import new_id
from healthcare.core.needs import OPEN
from healthcare.core.postgresql.base import PLACE, DatabaseWrapper
from healthcare.core.realtime import socket
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from healthcare.probe.world import World
from monitoring.trail.views import AuditEventViewSet
from patients.models import Patient, PatientQuerySet
from patients.views import PatientViewSet

Plant = Callable[[Any, World], None]


class Fault(NamedTuple):
    """Where it must show: an operation (a kind of them where it ends with a space), roles and places (none: any)."""

    plant: Plant
    operation: str
    roles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def no_permission_class(patch: Any, world: World) -> None:
    patch.setattr(permissions.RoleTable, "has_permission", lambda self, request, view: True)


def need_is_open(patch: Any, world: World) -> None:
    patch.setitem(PatientViewSet.needs, "list", OPEN)


def permission_of_another_row(patch: Any, world: World) -> None:
    patch.setitem(AuditEventViewSet.needs, "list", "clinic.view")


def queryset_without_scope(patch: Any, world: World) -> None:
    patch.setattr(PatientQuerySet, "visible_to", lambda self, member, permission: self)


def wrong_clinic_entered(patch: Any, world: World) -> None:
    patch.setattr(views, "in_clinic", lambda clinic: in_clinic(world.b.clinic))


def wrapper_that_swallows(patch: Any, world: World) -> None:
    """A failed statement for path and role is taken for a success: they stay as they were, in public."""
    real = DatabaseWrapper._handle_search_path

    def swallowing(self: Any, cursor: Any = None) -> None:
        if self.schema_name != world.a.clinic.schema_name:
            real(self, cursor)

    patch.setattr(DatabaseWrapper, "_handle_search_path", swallowing)


def stale_path(patch: Any, world: World) -> None:
    """Path and role of another clinic than the one that was entered."""
    real = DatabaseWrapper._get_cursor_search_paths
    own, other = world.a.clinic.schema_name, world.b.clinic.schema_name
    patch.setattr(DatabaseWrapper, "_get_cursor_search_paths", lambda self: [s.replace(own, other) for s in real(self)])
    patch.setattr(
        DatabaseWrapper, "role", property(lambda self: {"public": "none", own: other}.get(self.schema_name, self.schema_name))
    )


def role_not_set(patch: Any, world: World) -> None:
    """The login role reads for everybody, on a path that another clinic's call left."""
    stale_path(patch, world)
    patch.setattr(DatabaseWrapper, "role", property(lambda self: "none"))


def member_everywhere(patch: Any, world: World) -> None:
    patch.setattr(
        SignedIn, "member_of", lambda self, clinic: Member(self.user_id, clinic.id, frozenset(role for _, role in self.grants))
    )


def clinic_remembered_by_wrong_key(patch: Any, world: World) -> None:
    memory: dict[str, Any] = {}
    patch.setattr(views, "find_clinic", lambda name: memory.setdefault("clinic", find_clinic(name)))


def closed_clinics_found(patch: Any, world: World) -> None:
    from clinics.models import ClinicQuerySet

    tenancy.forget_clinics()
    patch.setattr(ClinicQuerySet, "serving", lambda self: self)


def answer_cached_without_clinic(patch: Any, world: World) -> None:
    """A list's body is kept by its address alone; somebody of the other clinic asked first."""
    with in_clinic(world.b.clinic):
        kept = [{"id": str(row.id), "first_name": row.first_name} for row in Patient.objects.all()]
    patch.setattr(PatientViewSet, "page", lambda self, rows, output, prepare=None: views.Response({"results": kept}))


def cache_key_without_clinic(patch: Any, world: World) -> None:
    """Figures are kept under one name for all clinics, unsealed; somebody of the other clinic asked first."""
    open_to_all = {name: one._replace(area=replace(one.area, sealed=False)) for name, one in dashboard._sections.items()}
    patch.setattr(dashboard, "_sections", open_to_all)
    patch.setattr(cache, "_clinic", lambda of: "all")
    patch.setattr(cache, "_writing", lambda: False)
    with in_clinic(world.b.clinic):
        dashboard.figures(Member(new_id(), world.b.clinic.id, frozenset({Role.NURSE})), timezone.now())


def pooler_mixes_sessions(patch: Any, world: World) -> None:
    """The backend that gets the statement is not the one whose place was set, but one that the other clinic used."""
    real = DatabaseWrapper._handle_search_path
    place = [f'"{world.b.clinic.schema_name}", "public"', world.b.clinic.schema_name, ""]

    def mixed(self: Any, cursor: Any = None) -> None:
        real(self, cursor)
        if self.schema_name == world.a.clinic.schema_name and not self._setting_search_path:
            self.connection.execute(PLACE, place)

    patch.setattr(DatabaseWrapper, "_handle_search_path", mixed)


def cursor_leads_away(patch: Any, world: World) -> None:
    """A position is followed to wherever its row is."""
    real = pages.Pages.paginate_queryset

    def following(self: Any, queryset: Any, request: Any, view: Any = None) -> Any:
        if "cursor" not in request.query_params:
            return real(self, queryset, request, view)
        with in_clinic(world.b.clinic):
            return real(self, queryset.all(), request, view)

    patch.setattr(pages.Pages, "paginate_queryset", following)


def ids_without_clinic(patch: Any, world: World) -> None:
    real = AppointmentViewSet._one

    def anywhere(self: Any, appointment_id: Any) -> Any:
        try:
            return real(self, appointment_id)
        except NotFound:
            with in_clinic(world.b.clinic):
                if (row := self._visible().filter(pk=appointment_id).first()) is not None:
                    return row
            raise

    patch.setattr(AppointmentViewSet, "_one", anywhere)


def _if_foreign(patch: Any, world: World, refusal: Callable[[Any], Exception]) -> None:
    real = AppointmentViewSet._one

    def telling(self: Any, appointment_id: Any) -> Any:
        with in_clinic(world.b.clinic):
            row = self._visible().filter(pk=appointment_id).select_related("patient").first()
            known = row and row.patient.first_name
        if row is not None:
            raise refusal(known)
        return real(self, appointment_id)

    patch.setattr(AppointmentViewSet, "_one", telling)


def error_names_a_foreign_row(patch: Any, world: World) -> None:
    _if_foreign(patch, world, lambda name: NotFound(f"The appointment of {name} is elsewhere."))


def forbidden_instead_of_missing(patch: Any, world: World) -> None:
    _if_foreign(patch, world, lambda name: Forbidden())


def write_goes_astray(patch: Any, world: World) -> None:
    real = AppointmentViewSet._verb

    def straying(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = real(self, *args, **kwargs)
        with in_clinic(world.b.clinic):
            Patient.objects.update(sex="other")
        return answer

    patch.setattr(AppointmentViewSet, "_verb", straying)


def field_for_everybody(patch: Any, world: World) -> None:
    patch.setattr(serializers, "hidden_fields", lambda shape, member, row: frozenset())


def room_read_in_wrong_clinic(patch: Any, world: World) -> None:
    """As `set_tenant` in connect would: what was entered last counts, not the socket's own clinic."""
    real = socket.in_clinic_of
    patch.setattr(socket, "in_clinic_of", lambda clinic_id, call, *args: real(world.b.clinic.id, call, *args))


def ticket_for_another_clinic(patch: Any, world: World) -> None:
    real = tickets.redeem

    def redeemed(text: str) -> Any:
        given = real(text)
        return given and given._replace(clinic_id=world.b.clinic.id)

    patch.setattr(tickets, "redeem", redeemed)


def ticket_used_twice(patch: Any, world: World) -> None:
    patch.setattr(
        tickets,
        "REDEEM",
        tickets.REDEEM.replace("DELETE FROM accounts_socketticket", "UPDATE accounts_socketticket SET clinic_id = clinic_id"),
    )


def screen_sees_every_queue(patch: Any, world: World) -> None:
    patch.setattr(QueueQuerySet, "of_display", lambda self, practitioners: self)


def idempotency_key_without_caller(patch: Any, world: World) -> None:
    def key_of(request: Any) -> bytes | None:
        given = request.headers.get("Idempotency-Key")
        return hashlib.sha256(given.encode()).digest() if given else None

    patch.setattr(idempotency, "key_of", key_of)


def job_in_wrong_clinic(patch: Any, world: World) -> None:
    @contextmanager
    def place(row: Any, work: Any) -> Any:
        with in_clinic(world.b.clinic):
            yield

    patch.setattr(jobs, "_place_of", place)


def job_of_a_closed_clinic(patch: Any, world: World) -> None:
    patch.setattr(jobs, "find_clinic", lambda clinic_id: world.a.clinic)


def admin_choice_unchecked(patch: Any, world: World) -> None:
    patch.setattr(admin_clinic, "chosen_clinic", lambda request: find_clinic(request.session[admin_clinic.CHOSEN]))


def admin_page_in_wrong_clinic(patch: Any, world: World) -> None:
    patch.setattr(admin_clinic, "place_for", lambda request: in_clinic(world.b.clinic))


def audit_without_scope(patch: Any, world: World) -> None:
    real = AuditEventViewSet.page

    def unscoped(self: Any, rows: Any, *more: Any) -> Any:
        with in_clinic(world.b.clinic):
            return real(self, rows.all(), *more)

    patch.setattr(AuditEventViewSet, "page", unscoped)


def ended_sessions_count(patch: Any, world: World) -> None:
    patch.setattr(signed_in, "QUERY", signed_in.QUERY.replace("s.ended_at IS NULL AND ", ""))


def old_tokens_count(patch: Any, world: World) -> None:
    patch.setattr(tokens, "LEEWAY", 10 * tokens.ACCESS_SECONDS)


def refresh_token_counts(patch: Any, world: World) -> None:
    real = tokens.read_access

    def read(token: str) -> Any:
        try:
            return real(token)
        except tokens.NotSignedIn:
            from accounts.models import Session

            with on_platform():
                session = Session.objects.get(pk=tokens.read_refresh(token).session_id)
            return tokens.Claims(session.user_id, session.id)

    patch.setattr(tokens, "read_access", read)


def nobody_is_somebody(patch: Any, world: World) -> None:
    """Who shows no token is taken for whoever called before."""
    real = Bearer.authenticate
    before: list[Any] = []

    def remembering(self: Any, request: Any) -> Any:
        who = real(self, request)
        if who is not None:
            before[:] = [who]
        return who or (before[0] if before else None)

    patch.setattr(Bearer, "authenticate", remembering)


ONE = "GET /appointments/{appointment_id}"
FAULTS: dict[str, Fault] = {
    "permission class removed": Fault(no_permission_class, "GET /patients", ("billing_specialist",), ("call",)),
    "need set to open": Fault(need_is_open, "GET /patients", ("super_admin",), ("token",)),
    "need names a permission of another row": Fault(permission_of_another_row, "GET /audit/events", ("nurse",), ("call",)),
    "queryset without its scope": Fault(queryset_without_scope, "GET /patients/{patient_id}", ("patient",)),
    "in_clinic enters another clinic": Fault(wrong_clinic_entered, "GET /patients", ("nurse",), ("call",)),
    "database wrapper swallows a failure": Fault(wrapper_that_swallows, "GET /patients", ("nurse",), ("call",)),
    "path and role of another clinic": Fault(stale_path, "GET /queues", ("nurse",), ("call",)),
    "role not set, path stale": Fault(role_not_set, "GET /queues", ("nurse",), ("call",)),
    "member_of answers for every clinic": Fault(member_everywhere, "GET /patients", ("nurse",), ("header", "token")),
    "clinic remembered under a key without clinic": Fault(
        clinic_remembered_by_wrong_key, "GET /queues", ("nurse",), ("header",)
    ),
    "closed clinics are found": Fault(closed_clinics_found, "GET /users/doctors", ("nurse",), ("header",)),
    "answer cached without clinic": Fault(answer_cached_without_clinic, "GET /patients", ("nurse",), ("call",)),
    "figures cached without clinic": Fault(
        cache_key_without_clinic, "GET /clinics/{clinic_id}/dashboard", ("nurse",), ("call",)
    ),
    "pooler hands out another session's backend": Fault(pooler_mixes_sessions, "GET /queues", ("nurse",), ("call",)),
    "cursor leads to another clinic": Fault(cursor_leads_away, "GET /appointments", ("nurse",), ("cursor",)),
    "ids resolved without clinic": Fault(ids_without_clinic, ONE, ("nurse",)),
    "error text names a foreign row": Fault(error_names_a_foreign_row, ONE, ("nurse",)),
    "403 instead of 404 for a foreign id": Fault(forbidden_instead_of_missing, ONE, ("nurse",)),
    "a verb writes in another clinic": Fault(
        write_goes_astray, "POST /appointments/{appointment_id}/confirm", ("receptionist",), ("call",)
    ),
    "a field shown to every role": Fault(field_for_everybody, ONE, ("receptionist",)),
    "socket reads the room in another clinic": Fault(room_read_in_wrong_clinic, "socket ", ("nurse",)),
    "ticket counts for another clinic": Fault(ticket_for_another_clinic, "socket ", ("nurse",)),
    "ticket can be used twice": Fault(ticket_used_twice, "socket ", ("nurse",)),
    "screen sees every queue": Fault(screen_sees_every_queue, "GET /displays/{display_id}", ("display",)),
    "idempotency key without caller": Fault(
        idempotency_key_without_caller, "POST /patients", ("receptionist",), ("idempotency",)
    ),
    "job runs in another clinic": Fault(job_in_wrong_clinic, "job queue.close"),
    "job of a closed clinic runs": Fault(job_of_a_closed_clinic, "job availability.refresh_passed"),
    "admin's choice of clinic unchecked": Fault(admin_choice_unchecked, "admin patients_patient_changelist", ("nurse",)),
    "admin page runs in another clinic": Fault(admin_page_in_wrong_clinic, "admin patients_patient_changelist", ("nurse",)),
    "audit listed without scope": Fault(audit_without_scope, "GET /audit/events", ("auditor",), ("call",)),
    "ended sessions count": Fault(ended_sessions_count, "GET /queues", ("nurse",), ("token",)),
    "old tokens count": Fault(old_tokens_count, "GET /queues", ("nurse",), ("token",)),
    "refresh token counts as access token": Fault(refresh_token_counts, "GET /queues", ("nurse",), ("token",)),
    "nobody is taken for the one before": Fault(nobody_is_somebody, "GET /queues", ("super_admin", "nurse"), ("call", "token")),
}
