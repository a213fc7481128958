"""How does a clinic's administrator change its settings in a browser? One page in the admin, one form, the same verb."""

from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinics import settings_form
from clinics.models import Clinic, SettingsVersion
from clinics.services.changing import change_settings
from clinics.settings_of import document_of
from clinics.settings_shapes import SettingsReplaceInput
from healthcare.core.errors import StaleWrite

NAME = "admin:clinic_settings"
LATELY = 10


def pages() -> list[Any]:
    return [path("clinics/settings/", admin.site.admin_view(page), name="clinic_settings")]


def may_manage(request: Any) -> bool:
    """For the sidebar."""
    member = getattr(request, "member", None)
    return member is not None and member.may("clinic.manage")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Any) -> HttpResponse:
    if not may_manage(request):
        raise PermissionDenied
    clinic = Clinic.objects.get(pk=request.clinic.pk)
    if request.method != "POST":
        return _shown(request, clinic, settings_form.shown(document_of(clinic)), [])
    body = settings_form.said(request.POST)
    asked = SettingsReplaceInput(data=body)
    if not asked.is_valid():
        return _shown(request, clinic, _as_said(request), list(settings_form.faults(asked.errors)), status=400)
    try:
        if request.POST.get("version") != str(clinic.settings_version):
            raise StaleWrite
        change_settings(clinic=clinic, by=request.member.user_id, now=timezone.now(), **asked.validated_data)
    except StaleWrite:
        messages.error(
            request, "Somebody else changed the settings while you did. These are the new ones; nothing of yours was saved."
        )
    else:
        messages.success(request, "The settings are saved. Free times and queues follow them from now on.")
    return HttpResponseRedirect(reverse(NAME))


def _shown(request: Any, clinic: Clinic, fields: dict[str, Any], faults: list[str], status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Settings of the clinic",
        "version": request.POST.get("version", clinic.settings_version),
        "fields": fields,
        "faults": faults,
        "history": _history(clinic),
    }
    return TemplateResponse(request, "admin/clinics/settings.html", context, status=status)


def _as_said(request: Any) -> dict[str, Any]:
    """The page again with what was typed, right or wrong."""
    form = request.POST
    empty = settings_form.shown({**document_of(Clinic()), "kinds": []})
    rows = [
        row._replace(
            offered=bool(form.get(f"kind_{row.code}")), cells=[(n, form.get(n, ""), label) for n, _, label in row.cells]
        )
        for row in empty["kinds"]
    ]
    days = [(number, day, form.get(f"hours_{number}", "")) for number, day, _ in empty["days"]]
    made = ("kinds", "days", "merge_rules", "every_kind", "opened", "opened_roles")
    typed = {name: form.get(name, "") for name in empty if name not in made}
    access = settings_form.said(form)["access"]
    return {
        **empty,
        **typed,
        "every_kind": bool(form.get("every_kind")),
        "kinds": rows,
        "days": days,
        **settings_form.ticks(access),
    }


def _history(clinic: Clinic) -> list[dict[str, Any]]:
    """The newest versions with what each changed."""
    rows = list(SettingsVersion.objects.filter(clinic=clinic).order_by("-number")[: LATELY + 1])
    pairs = pairwise(rows)
    return [
        {"number": row.number, "at": row.at, "changed": ", ".join(_changed(row.document, former.document))}
        for row, former in pairs
    ]


def _changed(document: dict[str, Any], former: dict[str, Any]) -> list[str]:
    return [name.replace("_", " ") for name, value in sorted(document.items()) if former.get(name) != value]
