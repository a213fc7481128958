"""How is a series begun in a browser? The first time and how often, as choices that make the rule, or the rule itself."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from appointments.admin_asking import PatientForm, StartForm, answer, may
from appointments.admin_forms import in_our_time
from appointments.models import Series
from appointments.services import series
from appointments.slots.rules import DAYS

OWN = "own"
OFTEN = {
    "1": "Every week",
    "2": "Every 2 weeks",
    "3": "Every 3 weeks",
    "4": "Every 4 weeks",
    "weekday": "Every month, on the same weekday of it",
    "monthday": "Every month, on the same day of it",
    OWN: "By a rule of your own",
}
HINT = (
    "What lies ahead as far as bookings are open is booked now, the rest as time goes on. If one of them can't be booked, "
    "none is, and every day that can't is named with its reason."
)


def rule_of(often: str, begins: dt.date, count: int | None, until: dt.date | None) -> str:
    """RFC 5545. A month's last such weekday is meant where it is the fifth: not every month has five."""
    if often == "weekday":
        place = (begins.day - 1) // 7 + 1
        rule = f"FREQ=MONTHLY;BYDAY={place if place < 5 else -1}{DAYS[begins.weekday()]}"
    elif often == "monthday":
        rule = f"FREQ=MONTHLY;BYMONTHDAY={begins.day}"
    else:
        rule = "FREQ=WEEKLY" + (f";INTERVAL={often}" if often != "1" else "") + f";BYDAY={DAYS[begins.weekday()]}"
    return rule + (f";COUNT={count}" if count else f";UNTIL={until:%Y%m%d}" if until else "")


class BeginForm(PatientForm, StartForm):
    often = forms.ChoiceField(choices=list(OFTEN.items()), label="How often")
    count = forms.IntegerField(required=False, min_value=1, max_value=999, label="How many times")
    until = forms.DateField(
        required=False, label="Or until", validators=[in_our_time], widget=forms.DateInput(attrs={"type": "date"}),
        help_text="With neither it goes on until somebody ends it.",
    )  # fmt: skip
    rule = forms.CharField(
        required=False, max_length=200, label="Rule of your own", help_text="RFC 5545, as FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    skips = forms.BooleanField(
        required=False, label="Leave out what can't be booked", help_text="And book the others, instead of none."
    )
    reason = forms.CharField(max_length=2000, required=False, label="Why they come", widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("mrn", "kind", "practitioner", "day", "clock", "often", "count", "until", "rule", "skips", "reason")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("count") and given.get("until"):
            self.add_error("until", ValidationError("Say how many times, or until when; not both."))
        if given.get("often") == OWN:
            if not given.get("rule"):
                self.add_error("rule", ValidationError("Write the rule."))
            if given.get("count") or given.get("until"):
                self.add_error(
                    "rule", ValidationError("A rule of your own says itself how often or until when: COUNT or UNTIL.")
                )
        elif given.get("rule"):
            self.add_error("rule", ValidationError("Choose “By a rule of your own”, or leave this empty."))
        return given

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        made = given["rule"] or rule_of(given["often"], given["day"], given["count"], given["until"])
        return {"patient": self.patient, **self.start(), "rule": made, "skips": given["skips"], "reason": given["reason"]}


def begin_page(request: Any) -> HttpResponse:
    """Asks; books the series; leads to it."""
    if not may(request, "appointment.book"):
        raise PermissionDenied
    form = BeginForm(request.POST or None, member=request.member, initial={"day": timezone.localdate()})

    def take() -> Series:
        row, _ = series.create(by=request.member.user_id, now=timezone.now(), **form.asked())
        return row

    return answer(
        request, form, take, lambda made: reverse("admin:appointments_series_change", args=[made]), title="Begin a series",
        does="Book the series", done="The series is begun. What each of its times became is below.", hint=HINT,
    )  # fmt: skip
