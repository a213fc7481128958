"""How does the desk book, move, hand over and step appointments in a browser? By the API's own verbs.

Booking, moving and handing over are one page (`admin_times`): first whom, what and which day, then the engine's free times. A
refusal shows every reason and the nearest other times, to be picked as well.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from unfold.decorators import action as button

from appointments.admin_booking import book_page
from appointments.admin_cancelling import cancel
from appointments.admin_forms import MoveForm, on_our_clock
from appointments.admin_handing_over import hand_over_page
from appointments.admin_times import answer, one
from appointments.models import Appointment
from appointments.services import steps
from appointments.services.rescheduling import reschedule
from appointments.workflow import BY_VERB
from healthcare.core.admin import ReadOnlyAdmin, each


class DeskAdmin(ReadOnlyAdmin):
    """What the desk does with appointments; columns and filters are the subclass's."""

    actions = ("confirm", "check_in", "start", "hold", "resume", "complete", "no_show", "cancel")
    actions_detail: tuple[str, ...] = ("reschedule", "hand_over")

    @classmethod
    def add_button(cls, name: str, page: Any, may: Callable[..., bool]) -> None:
        """A page of one appointment that an app above puts beside ours; `may(admin, request, id)` says who has it."""
        setattr(cls, name, page)
        setattr(cls, f"has_{name}_permission", may)
        cls.actions_detail = (*cls.actions_detail, name)

    def has_add_permission(self, request: Any) -> bool:
        return _may(request, "book")

    def has_move_permission(self, request: Any, object_id: Any = None) -> bool:
        return _may(request, "reschedule")

    def has_hand_over_permission(self, request: Any, object_id: Any = None) -> bool:
        return _may(request, "transfer")

    def has_run_permission(self, request: Any) -> bool:
        return _may(request, "check_in")

    @admin.action(description="Confirm: the patient says that they will come", permissions=["move"])
    def confirm(self, request: Any, rows: Any) -> None:
        _each(request, rows, "confirm", "Confirmed")

    @admin.action(description="Check in: the patient is here", permissions=["run"])
    def check_in(self, request: Any, rows: Any) -> None:
        _each(request, rows, "check_in", "Checked in")

    @admin.action(description="Start: the practitioner sees the patient", permissions=["run"])
    def start(self, request: Any, rows: Any) -> None:
        _each(request, rows, "start", "Started")

    @admin.action(description="Put on hold: it pauses, a test is awaited", permissions=["run"])
    def hold(self, request: Any, rows: Any) -> None:
        _each(request, rows, "hold", "Put on hold")

    @admin.action(description="Resume: the pause is over, the patient waits again", permissions=["run"])
    def resume(self, request: Any, rows: Any) -> None:
        _each(request, rows, "resume", "Resumed")

    @admin.action(description="Complete: it is done", permissions=["run"])
    def complete(self, request: Any, rows: Any) -> None:
        _each(request, rows, "complete", "Completed")

    @admin.action(description="No-show: the patient did not come", permissions=["run"])
    def no_show(self, request: Any, rows: Any) -> None:
        _each(request, rows, "no_show", "Marked as no-show")

    @admin.action(description="Cancel: the time is free again, the patient is told", permissions=["move"])
    def cancel(self, request: Any, rows: Any) -> HttpResponse | None:
        return cancel(request, rows, _named)

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return book_page(request)

    @button(description="Reschedule", url_path="reschedule", permissions=["move"])
    def reschedule(self, request: Any, object_id: str) -> HttpResponse:
        """Shows where it could go; moves it there if nobody changed it since it was shown."""
        row = one(request, object_id, "reschedule")
        first = {"day": timezone.localdate(row.starts_at, row.zone), "practitioner": row.practitioner_id}
        form = MoveForm(request.POST or None, member=request.member, row=row, initial=first)

        def take(at: dict[str, Any]) -> Appointment:
            by, version = request.member.user_id, form.cleaned_data["version"]
            return reschedule(appointment=row, by=by, now=timezone.now(), version=version, **at)

        return answer(
            request, form, take, title="Reschedule", does="Move it there", told=lambda row: "The appointment is moved."
        )

    @button(description="Hand over", url_path="hand-over", permissions=["hand_over"])
    def hand_over(self, request: Any, object_id: str) -> HttpResponse:
        return hand_over_page(request, object_id)


def _may(request: Any, verb: str) -> bool:
    return request.member is not None and request.member.may(BY_VERB[verb].permission)


def _each(request: Any, rows: Any, verb: str, done: str) -> None:
    by, now, take = request.member.user_id, timezone.now(), getattr(steps, verb)
    mine = rows.visible_to(request.member, BY_VERB[verb].permission)  # which may be fewer than one sees
    each(request, mine, lambda row: take(appointment=row, by=by, now=now), done, named=_named)


def _named(row: Appointment) -> str:
    return f"{on_our_clock(row.starts_at)}, {row.practitioner}"
