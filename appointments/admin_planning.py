"""How are a group session planned and an emergency's room asked for in a browser? What, with whom and when; one verb each."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from appointments.admin_asking import PatientForm, StartForm, answer, may
from appointments.models import GroupSession, Override
from appointments.planning_shapes import LEAST_SEATS, MOST_SEATS
from appointments.services import groups, overriding
from appointments.services.overriding import PRESSING

ABOUT_A_GROUP = "Practitioner and room are held as for one appointment; patients join it one by one, each with a seat."
ABOUT_ROOM = (
    "Nobody moves yet: who may decide is asked. Approved, less pressing appointments in the way move to their nearest times, "
    "their patients are told, and the emergency is booked."
)


class GroupForm(StartForm):
    seats = forms.IntegerField(min_value=LEAST_SEATS, max_value=MOST_SEATS)
    title = forms.CharField(max_length=120, required=False, help_text="All who may join read it: no patient's name.")

    def asked(self) -> dict[str, Any]:
        return {**self.start(), "seats": self.cleaned_data["seats"], "title": self.cleaned_data["title"]}


class RoomForm(PatientForm, StartForm):
    """The chart is found as by the API: whoever may ask sees it."""

    needs = "patient.view"
    priority = forms.ChoiceField(choices=[(one.value, one.label) for one in PRESSING], label="How pressing")
    reason = forms.CharField(max_length=500, label="Why", widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("mrn", "kind", "practitioner", "day", "clock", "priority", "reason")

    def asked(self) -> dict[str, Any]:
        more = {name: self.cleaned_data[name] for name in ("priority", "reason")}
        return {"patient": self.patient, **self.start(), **more}


def plan_page(request: Any) -> HttpResponse:
    if not may(request, "group.manage"):
        raise PermissionDenied
    form = GroupForm(request.POST or None, member=request.member, initial={"day": timezone.localdate()})

    def take() -> GroupSession:
        return groups.plan(by=request.member.user_id, now=timezone.now(), **form.asked())

    return answer(
        request, form, take, lambda made: reverse("admin:appointments_groupsession_change", args=[made]),
        title="Plan a group session", does="Plan it", done="The session is planned.", hint=ABOUT_A_GROUP,
    )  # fmt: skip


def ask_page(request: Any) -> HttpResponse:
    if not may(request, "appointment.ask_override"):
        raise PermissionDenied
    form = RoomForm(request.POST or None, member=request.member, initial={"day": timezone.localdate()})

    def take() -> Override:
        return overriding.ask(by=request.member.user_id, now=timezone.now(), **form.asked())

    return answer(
        request, form, take, lambda made: reverse("admin:appointments_override_change", args=[made]),
        title="Ask that others make room", does="Ask", done="It is asked; who may decide, decides.", hint=ABOUT_ROOM,
    )  # fmt: skip
