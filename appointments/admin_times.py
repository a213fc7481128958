"""How does a page of the desk show times, and take one? The day's free ones, or what stands against it and the nearest others.

One answer for booking, moving and handing over. Nothing of whom is in an address: the page is sent, and answers itself.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from appointments.admin_forms import MoveForm, Pick, TimeForm, said_no
from appointments.doctor_views import READING
from appointments.models import Appointment, Practitioner
from appointments.plugins.registry import hooks_of
from appointments.services.availability import free_times
from appointments.services.judging import Ask, patient_reasons, practitioner_reasons, refuse
from appointments.workflow import BY_VERB, step
from healthcare.core.errors import Reason, Refused, StaleWrite
from healthcare.core.ids import as_id

NOTHING_FREE = Reason("nothing_free", "Nothing is free on this day.")
Shown = dict[str, Any]


def one(request: Any, object_id: str, verb: str) -> Appointment:
    """The appointment, if this verb is for who asks."""
    rows = Appointment.objects.visible_to(request.member, BY_VERB[verb].permission).for_page()
    if (found := rows.filter(pk=as_id(object_id)).first()) is None:
        raise Http404
    return found


def answer(
    request: Any,
    form: TimeForm,
    take: Callable[[dict[str, Any]], Appointment],
    *,
    told: Callable[[Appointment], str],
    beside: Callable[[Shown, Refused | None], Shown] = lambda shown, refused: {},
    **facts: Any,
) -> HttpResponse:
    """The page: asked, with times, or with what stands against them; once one is taken, the appointment's own page.

    `told` says what was done; `beside` adds to what is shown, and knows what was refused.
    """
    shown: Shown = {}
    if request.method == "POST" and form.is_valid():
        refused = None
        try:
            if (wanted := form.wanted()) is not None:
                done = take(wanted)
                messages.success(request, told(done))
                return HttpResponseRedirect(_page_of(request, done))
            shown = _offered(form)
        except Refused as no:
            refused = no
            said_no(form, no)
            shown = _instead(form, no)
        shown |= beside(shown, refused)
    if isinstance(form, MoveForm):
        facts |= _as_it_is(request, form)
    context = {**admin.site.each_context(request), **facts, **shown, "form": form}
    return TemplateResponse(request, "admin/appointments/times.html", context)


def times_of(form: TimeForm, ask: Ask, *, overbooking: bool = False) -> list[Shown]:
    """The day's times, as rows to pick; `overbooking` those above the capacity as well."""
    who, zone = ask.practitioner, ask.practitioner.place.clock
    free = free_times(
        practitioner=who,
        kind=ask.kind,
        day=form.cleaned_data["day"],
        days=1,
        now=ask.now,
        patient_id=ask.patient.pk,
        ignoring=ask.ignoring,
        overbooking=overbooking,
    )
    times = [
        slot.starts_at for slot in free if slot.starts_at >= ask.now + READING and not _is_there(form, who, slot.starts_at)
    ]
    local = [(at, at.astimezone(zone)) for at in times]
    return [{"value": str(Pick(who.pk, at)), "text": f"{clock:%H:%M}", "hour": clock.hour} for at, clock in local]


def _page_of(request: Any, row: Appointment) -> str:
    """Its own page, for who may see it; what one handed on may be somebody else's now."""
    if Appointment.objects.visible_to(request.member, "appointment.view").filter(pk=row.pk).exists():
        return reverse("admin:appointments_appointment_change", args=[row.pk])
    return reverse("admin:appointments_appointment_changelist")


def _offered(form: TimeForm) -> Shown:
    """The day's free times. Raises StaleWrite, and as `judge` does if nothing of the day can be booked, whatever the time."""
    ask, known = form.ask(timezone.now()), form.cleaned_data
    if isinstance(form, MoveForm):
        if form.row.version != known["version"]:
            raise StaleWrite
        step(form.verb, form.row.state)
    if against := [*practitioner_reasons(ask), *patient_reasons(ask)]:
        refuse(ask, against)
    rows = times_of(form, ask)
    if not rows:
        refuse(ask, [NOTHING_FREE])
    return {"times": rows, "heading": headed(form, ask), "zone": ask.practitioner.place.zone}


def headed(form: TimeForm, ask: Ask) -> str:
    return f"{date_format(form.cleaned_data['day'], 'l j F Y')}, {ask.practitioner}"


def _is_there(form: TimeForm, who: Practitioner, at: dt.datetime) -> bool:
    return isinstance(form, MoveForm) and (form.row.practitioner_id, form.row.starts_at) == (who.pk, at)


def _instead(form: TimeForm, refused: Refused) -> Shown:
    """The alternatives of a refusal, as times to pick, of those whom the form offers; they come on the clock of their place."""
    others = [(as_id(one["doctor"]), dt.datetime.fromisoformat(one["starts_at"])) for one in refused.alternatives]
    cards = form.cards.in_bulk([who for who, _ in others])
    found = [(cards[who], at) for who, at in others if who in cards]
    rows = [{"value": str(Pick(who.pk, at)), "text": f"{date_format(at, 'D j M, H:i')}, {who}"} for who, at in found]
    return {"times": rows, "heading": "Nearest free times", "zone": found[0][0].place.zone if found else ""}


def _as_it_is(request: Any, form: MoveForm) -> Shown:
    """The appointment as it stands now, whatever the page was sent with."""
    row = form.row = one(request, str(form.row.pk), form.verb)
    movable = row.state in BY_VERB[form.verb].sources
    at = date_format(row.starts_at.astimezone(row.zone), "l j F Y, H:i")
    return {"row": row, "kind": hooks_of(row.kind).name or row.kind, "at": at, "at_zone": row.zone.key, "movable": movable}
