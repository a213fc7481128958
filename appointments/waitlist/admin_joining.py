"""How does the desk put a patient on the waitlist in a browser? By the API's verb; first it is shown who they are."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from appointments.admin_forms import ChartForm, in_our_time, pressing, said_no
from appointments.models import Practitioner, Priority
from appointments.waitlist.models import Wish
from appointments.waitlist.services.joining import join
from clinics.models import Location
from healthcare.core.errors import Refused
from healthcare.core.ids import as_id
from healthcare.core.tenancy import current_clinic

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL = dt.timedelta(days=28)
FIELDS = ("mrn", "kind", "practitioner", "location", "from_on", "until_on", "weekdays", "earliest", "latest", "urgency")


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, validators=[in_our_time], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


def _clock(label: str) -> forms.TimeField:
    clock = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=clock)


class WishForm(ChartForm):
    """What they want, and when they could come. `sure`: the page has shown who it is."""

    practitioner: Any = forms.ModelChoiceField(queryset=None, required=False, empty_label="Any who offers it")
    location = forms.TypedChoiceField(required=False, coerce=as_id, empty_value=None, label="Where")
    from_on = _day("From")
    until_on = _day("Until")
    weekdays = forms.TypedMultipleChoiceField(
        choices=list(enumerate(DAYS)), coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="Weekdays"
    )
    earliest = _clock("Not before")
    latest = _clock("Not after")
    urgency = forms.ChoiceField(choices=Priority.choices)
    sure = forms.BooleanField(required=False)
    first = FIELDS
    needs = "waitlist.join"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        cards = Practitioner.objects.visible_to(self.member, "practitioner.view").seeing_patients()
        fields["practitioner"].queryset = cards.order_by("name", "id")
        places = Location.objects.filter(clinic_id=current_clinic().id, is_active=True).order_by("name")
        fields["location"].choices = [("", "Anywhere"), *((str(place.pk), place.name) for place in places)]
        fields["urgency"].choices = pressing(self.member)

    def clean(self) -> None:
        known = self.cleaned_data
        if known.get("earliest") and known.get("latest") and known["earliest"] > known["latest"]:
            self.add_error("latest", ValidationError("It is before the earliest.", code="backwards"))

    def plain_fields(self) -> list[Any]:
        return [self[name] for name in FIELDS if name != "weekdays"]

    def carried(self) -> list[Any]:
        """What was asked, to be sent again as it was shown."""
        return [self[name] for name in FIELDS]


def join_page(request: Any) -> HttpResponse:
    """Asks, shows who would wait for what; then they wait. A refusal says every reason, and nobody waits."""
    today = timezone.localdate()
    first = {"from_on": today, "until_on": today + USUAL, "urgency": str(Priority.NORMAL)}
    form = WishForm(request.POST or None, member=request.member, initial=first)
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["sure"]:
            shown = {"carried": WishForm(request.POST, member=request.member, auto_id=False).carried(), "patient": form.patient}
        else:
            try:
                done = _joined(request, form)
            except Refused as refused:
                said_no(form, refused)
            else:
                messages.success(request, "On the waitlist: a freed time that suits is offered by itself.")
                return HttpResponseRedirect(reverse("admin:waitlist_wish_change", args=[done.pk]))
    context = {**admin.site.each_context(request), "title": "Put on the waitlist", "form": form, **shown}
    return TemplateResponse(request, "admin/waitlist/join.html", context)


def _joined(request: Any, form: WishForm) -> Wish:
    known = form.cleaned_data
    when = {name: known[name] for name in ("from_on", "until_on", "earliest", "latest", "urgency", "kind", "practitioner")}
    return join(
        patient=form.patient,
        location_id=known["location"],
        weekdays=tuple(known["weekdays"]),
        by=request.member.user_id,
        now=timezone.now(),
        **when,
    )
