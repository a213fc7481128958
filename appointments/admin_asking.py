"""How does a page of the admin ask for one thing and do it once? A form, one verb, every reason where it is refused.

The page carries a key of its own, as a program sends its Idempotency-Key: sent twice, it is done once and both lead there.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from rest_framework.response import Response

from appointments.admin_forms import TYPED, MemberForm, chart_by, in_our_time, offered_kinds, said_no
from appointments.models import Practitioner
from healthcare.core import idempotency
from healthcare.core.errors import Refused
from healthcare.core.ids import new_id
from healthcare.core.tenancy import current_clinic

DONE_ALREADY = "This page did something else already. Open it anew to do more."


class AskForm(MemberForm):
    """A page that is asked for has a new `once`."""

    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"once": new_id(), **(initial or {})}, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = offered_kinds()  # type: ignore[attr-defined]
        for name in ("practitioner", "therapists"):
            if name in self.fields:
                cards = Practitioner.objects.visible_to(self.member, "practitioner.view").with_place()
                self.fields[name].queryset = cards.order_by("name", "id")  # type: ignore[attr-defined]

    def faults(self) -> list[dict[str, str]]:
        """What is wrong, and with nothing that the page shows a field of."""
        data = self.errors.as_data()
        found = [error for name in ("__all__", "once") for error in data.get(name, ())]
        return [{"code": str(error.code or "invalid"), "text": " ".join(error.messages)} for error in found]


class PatientForm(AskForm):
    """About one patient: the record number is read from a card, nobody is searched for here."""

    mrn = forms.CharField(max_length=20, label="Record number (MRN)", widget=forms.TextInput(attrs=TYPED))
    needs = "appointment.book"  # whose reach limits the charts

    def clean_mrn(self) -> str:
        self.patient = chart_by(self.cleaned_data["mrn"], self.member, self.needs)
        return self.patient.mrn


class StartForm(AskForm):
    """What, with whom and when: `starts_at` is on the clock of the practitioner's place."""

    kind = forms.ChoiceField()
    practitioner: Any = forms.ModelChoiceField(queryset=None)
    day = forms.DateField(validators=[in_our_time], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    clock = forms.TimeField(
        label="Time", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), help_text="On the clock of their place."
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if {"practitioner", "day", "clock"} <= given.keys():
            zone = given["practitioner"].place.clock
            wall = dt.datetime.combine(given["day"], given["clock"])
            start = given["starts_at"] = wall.replace(tzinfo=zone)
            if start.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != wall:
                self.add_error("clock", ValidationError("The clocks go forward then: there is no such time on this day."))
        return given

    def start(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "practitioner", "starts_at")}


def may(request: Any, permission: str) -> bool:
    return request.member is not None and request.member.may(permission)


def answer(
    request: Any,
    form: AskForm,
    take: Callable[[], Any],
    leads_to: Callable[[str], str],
    *,
    title: str,
    does: str,
    done: str,
    template: str = "admin/appointments/ask.html",
    **shown: Any,
) -> HttpResponse:
    """The page, with every reason where `take` was refused; once it was taken, the way to what it made.

    `take` answers a row. Nothing that it wrote stays where it raised Refused.
    """
    if request.method == "POST" and form.is_valid():
        try:
            made = _once(request, form, take)
        except idempotency.KeyReused:
            form.add_error(None, ValidationError(DONE_ALREADY, code=idempotency.KeyReused.code))
        except Refused as refused:
            said_no(form, refused)
        else:
            messages.success(request, done)
            return HttpResponseRedirect(leads_to(made))
    context = {**admin.site.each_context(request), "title": title, "does": does, "form": form, **shown}
    return TemplateResponse(request, template, context)


def _once(request: Any, form: AskForm, take: Callable[[], Any]) -> str:
    key = idempotency.key_for(request, f"{current_clinic().id} {form.cleaned_data['once']}")
    sent = {name: request.POST.getlist(name) for name in form.fields}
    return str(idempotency.once(key, sent, lambda: Response({"id": str(take().pk)})).data["id"])
