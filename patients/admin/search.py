"""How does staff find a chart in the admin? By a form that is sent: names and numbers stay out of addresses and logs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.identifiers import NotAnIdentifier, plain_phone
from healthcare.core.fields import warm
from healthcare.core.tenancy import clinic_or_none
from patients import names, numbers
from patients.models import Patient

NAME = "patients_search"
MOST = 50
WAYS = [("name", "Name"), ("mrn", "Record number"), ("phone", "Phone"), ("email", "Email"), ("identifier", "Identifier")]


class SearchForm(forms.Form):
    by = forms.ChoiceField(choices=WAYS, initial="name", label="By")
    sought = forms.CharField(max_length=200, label="Find", help_text="Of a name the beginnings of words are enough.")
    date_of_birth = forms.DateField(
        required=False, label="Born on", widget=forms.DateInput(attrs={"type": "date"}), help_text="Narrows a name."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sought"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "autofocus": True}

    def clean(self) -> dict[str, Any]:
        known = super().clean() or {}
        by, sought = known.get("by"), known.get("sought", "")
        try:
            known["sought"] = plain_phone(sought) if by == "phone" else numbers.plain(sought) if by == "identifier" else sought
        except NotAnIdentifier:
            self.add_error("sought", "Give the number with its country code, e.g. +91…")
        if by == "name" and sought and not names.typed(sought):
            self.add_error("sought", "A name has at least one letter.")
        return known


def may_search(request: Any) -> bool:
    member = getattr(request, "member", None)
    return member is not None and clinic_or_none() is not None and member.may("patient.view")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Any) -> HttpResponse:
    if not may_search(request):
        raise PermissionDenied
    form = SearchForm(request.POST or None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        found = _found(request.member, **form.cleaned_data)
    context = {**admin.site.each_context(request), "title": "Find a patient", "form": form, "found": found, "most": MOST}
    return TemplateResponse(request, "admin/patients/search.html", context)


def _found(member: Any, *, by: str, sought: str, date_of_birth: Any = None) -> list[Patient]:
    rows = Patient.objects.visible_to(member, "patient.view").living().found_by(by, sought)
    if by == "name":
        rows = rows.order_by("-place")
        rows = rows.found_by("date_of_birth", date_of_birth) if date_of_birth else rows
    found = list(rows[:MOST])
    warm(found)
    return found
