"""How does the desk book in a browser, hold a time for minutes, or book above the capacity? By the API's verbs.

Who may book above the capacity sees the day's full times beside the free ones, and says why.
"""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from appointments.admin_forms import ChartForm, Pick, TimeForm, pressing
from appointments.admin_times import NOTHING_FREE, Shown, answer, headed, times_of
from appointments.models import Appointment, Priority
from appointments.plugins.registry import kind_named
from appointments.services import holds
from appointments.services.booking import book
from appointments.services.judging import Ask
from healthcare.core.errors import Refused

CAPACITY = frozenset({"slot_taken", "day_full"})  # what a lane above the capacity helps against
USUAL = int(holds.USUAL.total_seconds() // 60)
LASTING = ("5", "10", "15", "20", "30", "45", "60")  # a choice: in a typed number Enter would book where one meant to hold


class NoReason(Refused):
    status = 400
    code = "overbook_reason"
    detail = "Say why it is booked above the capacity."


class BookForm(ChartForm, TimeForm):
    """`how`: booked, held for `minutes`, or booked above the capacity, because of `overbook`."""

    priority = forms.ChoiceField(choices=Priority.choices, required=False)
    reason = forms.CharField(max_length=2000, required=False, label="Why they come", widget=forms.Textarea(attrs={"rows": 2}))
    minutes = forms.IntegerField(min_value=1, max_value=60, required=False, label="Minutes")
    overbook = forms.CharField(
        max_length=500, required=False, label="Why above the capacity", widget=forms.Textarea(attrs={"rows": 2})
    )
    how = forms.ChoiceField(choices=[("hold", "hold"), ("overbook", "overbook")], required=False)
    first = ("mrn", "kind", "practitioner", "day")
    needs = "appointment.book"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].choices = pressing(self.member)  # type: ignore[attr-defined]

    def clean_priority(self) -> str:
        return self.cleaned_data["priority"] or Priority.NORMAL

    def ask(self, now: dt.datetime) -> Ask:
        who, noon = self._noon()
        return Ask(kind_named(self.cleaned_data["kind"]), self.patient, who, noon, now)


def book_page(request: Any) -> HttpResponse:
    """Shows the free times; takes the one that was picked of them."""
    first = {"day": timezone.localdate(), "priority": "normal"}
    form = BookForm(request.POST or None, member=request.member, initial=first)
    above = request.member.may("appointment.overbook")

    def take(at: dict[str, Any]) -> Appointment:
        known, now, by = form.cleaned_data, timezone.now(), request.member.user_id
        more = {name: known[name] for name in ("kind", "priority", "reason")} | at
        match known["how"]:
            case "hold":
                lasting, own = dt.timedelta(minutes=known["minutes"] or USUAL), not request.member.may("patient.enter")
                return holds.hold(patient=form.patient, by=by, now=now, lasting=lasting, limited=own, **more)
            case "overbook":
                if not above:
                    raise PermissionDenied
                if not known["overbook"]:
                    raise NoReason
                return book(patient=form.patient, by=by, now=now, overbook=known["overbook"], **more)
        return book(patient=form.patient, by=by, now=now, **more)

    def full(shown: Shown, refused: Refused | None) -> Shown:
        return _full(form, shown, refused) if above else {}

    facts = {"title": "Book an appointment", "does": "Book", "lasting": LASTING, "usual": str(USUAL)}
    return answer(request, form, take, told=_told, beside=full, **facts)


def _told(row: Appointment) -> str:
    if row.expires_at is None:
        return "The appointment is booked."
    until = row.expires_at.astimezone(row.practitioner.place.clock)
    return f"The time is held until {until:%H:%M}; confirm it before then, or cancel it."


def _full(form: BookForm, shown: Shown, refused: Refused | None) -> Shown:
    """The times of the day for which only a lane above the capacity is left; of a refusal the time that was refused."""
    codes = {reason.code for reason in refused.reasons} if refused else set()
    if form.picked is not None:
        if not codes <= {*CAPACITY, NoReason.code}:
            return {}
        pick: Pick = form.cleaned_data["pick"]
        at = pick.starts_at.astimezone(form.picked.place.clock)
        return {"full": [{"value": str(pick), "text": f"{date_format(at, 'D j M, H:i')}, {form.picked}", "chosen": True}]}
    if not codes <= {NOTHING_FREE.code}:
        return {}
    free, ask = {row["value"] for row in shown["times"]}, form.ask(timezone.now())
    rows = [row for row in times_of(form, ask, overbooking=True) if row["value"] not in free]
    return {"full": rows, "full_on": headed(form, ask) if refused else ""}
