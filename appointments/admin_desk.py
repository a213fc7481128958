"""How does the desk book, move and step appointments in a browser? By the API's own verbs; a time is chosen of those offered.

Booking and moving are one page: first whom, what and which day, then the engine's free times. A refusal shows every reason
and the nearest other times, to be picked as well. Nothing of whom is in an address: the page is sent, and answers itself.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.decorators import action as button

from appointments.admin_cancelling import cancel
from appointments.admin_forms import BookForm, MoveForm, Pick, TimeForm, on_our_clock, said_no
from appointments.doctor_views import READING
from appointments.models import Appointment, Practitioner
from appointments.plugins.registry import hooks_of
from appointments.services import steps
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.judging import patient_reasons, practitioner_reasons, refuse
from appointments.services.rescheduling import reschedule
from appointments.workflow import BY_VERB, step
from healthcare.core.admin import ReadOnlyAdmin, each
from healthcare.core.errors import Reason, Refused, StaleWrite
from healthcare.core.ids import as_id

NOTHING_FREE = Reason("nothing_free", "Nothing is free on this day.")
Shown = dict[str, Any]


class DeskAdmin(ReadOnlyAdmin):
    """What the desk does with appointments; columns and filters are the subclass's."""

    actions = ("confirm", "check_in", "start", "hold", "resume", "complete", "no_show", "cancel")
    actions_detail: tuple[str, ...] = ("reschedule",)

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
        """Shows the free times; books the one that was picked of them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"day": timezone.localdate(), "priority": "normal"}
        form = BookForm(request.POST or None, member=request.member, initial=first)

        def take(at: dict[str, Any]) -> Appointment:
            more = {name: form.cleaned_data[name] for name in ("kind", "priority", "reason")}
            return book(patient=form.patient, by=request.member.user_id, now=timezone.now(), **more, **at)

        facts = {"title": "Book an appointment", "does": "Book", "done": "The appointment is booked."}
        return _answer(request, form, take, facts)

    @button(description="Reschedule", url_path="reschedule", permissions=["move"])
    def reschedule(self, request: Any, object_id: str) -> HttpResponse:
        """Shows where it could go; moves it there if nobody changed it since it was shown."""
        row = _one(request, object_id)
        first = {"day": timezone.localdate(row.starts_at, row.zone), "practitioner": row.practitioner_id}
        form = MoveForm(request.POST or None, member=request.member, row=row, initial=first)

        def take(at: dict[str, Any]) -> Appointment:
            by, version = request.member.user_id, form.cleaned_data["version"]
            return reschedule(appointment=row, by=by, now=timezone.now(), version=version, **at)

        facts: Shown = {"title": "Reschedule", "does": "Move it there", "done": "The appointment is moved."}
        return _answer(request, form, take, facts)


def _may(request: Any, verb: str) -> bool:
    return request.member is not None and request.member.may(BY_VERB[verb].permission)


def _each(request: Any, rows: Any, verb: str, done: str) -> None:
    by, now, take = request.member.user_id, timezone.now(), getattr(steps, verb)
    mine = rows.visible_to(request.member, BY_VERB[verb].permission)  # which may be fewer than one sees
    each(request, mine, lambda row: take(appointment=row, by=by, now=now), done, named=_named)


def _named(row: Appointment) -> str:
    return f"{on_our_clock(row.starts_at)}, {row.practitioner}"


def _one(request: Any, object_id: str) -> Appointment:
    rows = Appointment.objects.visible_to(request.member, BY_VERB["reschedule"].permission).for_page()
    if (found := rows.filter(pk=as_id(object_id)).first()) is None:
        raise Http404
    return found


def _answer(request: Any, form: TimeForm, take: Callable[[dict[str, Any]], Appointment], facts: Shown) -> HttpResponse:
    """The page: asked, with times, or with what stands against them; once one is taken, the appointment's own page."""
    shown: Shown = {}
    if request.method == "POST" and form.is_valid():
        try:
            if form.picked is not None:
                done = take({"practitioner": form.picked, "starts_at": form.cleaned_data["pick"].starts_at})
                messages.success(request, facts["done"])
                return HttpResponseRedirect(reverse("admin:appointments_appointment_change", args=[done.pk]))
            shown = _offered(form)
        except Refused as refused:
            said_no(form, refused)
            shown = _instead(refused)
    if isinstance(form, MoveForm):
        facts = {**facts, **_as_it_is(request, form)}
    context = {**admin.site.each_context(request), **facts, **shown, "form": form}
    return TemplateResponse(request, "admin/appointments/times.html", context)


def _offered(form: TimeForm) -> Shown:
    """The day's free times. Raises StaleWrite, and as `judge` does if nothing of the day can be booked, whatever the time."""
    now = timezone.now()
    ask, known, version = form.ask(now), form.cleaned_data, form.cleaned_data.get("version")
    if isinstance(form, MoveForm):
        if form.row.version != version:
            raise StaleWrite
        step("reschedule", form.row.state)
    if against := [*practitioner_reasons(ask), *patient_reasons(ask)]:
        refuse(ask, against)
    who, zone = ask.practitioner, ask.practitioner.place.clock
    free = free_times(
        practitioner=who, kind=ask.kind, day=known["day"], days=1, now=now, patient_id=ask.patient.pk, ignoring=ask.ignoring
    )
    times = [slot.starts_at for slot in free if slot.starts_at >= now + READING and not _is_there(form, who, slot.starts_at)]
    if not times:
        refuse(ask, [NOTHING_FREE])
    day = date_format(known["day"], "l j F Y")
    local = [(at, at.astimezone(zone)) for at in times]
    rows = [{"value": str(Pick(who.pk, at)), "text": f"{clock:%H:%M}", "hour": clock.hour} for at, clock in local]
    return {"times": rows, "heading": f"{day}, {who}", "zone": who.place.zone}


def _is_there(form: TimeForm, who: Practitioner, at: dt.datetime) -> bool:
    return isinstance(form, MoveForm) and (form.row.practitioner_id, form.row.starts_at) == (who.pk, at)


def _instead(refused: Refused) -> Shown:
    """The alternatives of a refusal, as times to pick; they come on the clock of their place."""
    others = [(one["doctor"], dt.datetime.fromisoformat(one["starts_at"])) for one in refused.alternatives]
    cards = Practitioner.objects.with_place().in_bulk([who for who, _ in others])
    found = [(cards[as_id(who)], at) for who, at in others]  # type: ignore[index]
    rows = [{"value": str(Pick(who.pk, at)), "text": f"{date_format(at, 'D j M, H:i')}, {who}"} for who, at in found]
    return {"times": rows, "heading": "Nearest free times", "zone": found[0][0].place.zone if found else ""}


def _as_it_is(request: Any, form: MoveForm) -> Shown:
    """The appointment as it stands now, whatever the page was sent with."""
    row = form.row = _one(request, str(form.row.pk))
    movable = row.state in BY_VERB["reschedule"].sources
    at = date_format(row.starts_at.astimezone(row.zone), "l j F Y, H:i")
    return {"row": row, "kind": hooks_of(row.kind).name or row.kind, "at": at, "at_zone": row.zone.key, "movable": movable}
