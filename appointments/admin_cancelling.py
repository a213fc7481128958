"""How does the desk cancel chosen appointments in a browser? They are shown once more beside one field: why; then each is.

The page carries which appointments it showed, in which version: what somebody moved meanwhile is refused, not cancelled.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.template.response import TemplateResponse
from django.utils import timezone

from appointments.models import Appointment
from appointments.plugins.registry import hooks_of
from appointments.services import steps
from appointments.workflow import BY_VERB
from healthcare.core.admin import each
from healthcare.core.fields import warm
from healthcare.core.ids import as_id
from healthcare.core.spoken import filled

AT_ONCE = 200  # each is a change of its own, and the browser waits for all of them
CANCEL = BY_VERB["cancel"]


class WhyForm(forms.Form):
    """`seen` is the page's own: what it showed, as `id:version` apart by blanks."""

    reason = forms.CharField(
        max_length=2000, required=False, label="Why", widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "what-of-it"})
    )
    seen = forms.RegexField(r"\A(?:[0-9a-f-]{36}:\d{1,9} ?)+\Z", max_length=AT_ONCE * 48)

    def versions(self) -> dict[UUID | None, int]:
        return {
            as_id(one): int(version) for one, _, version in (pair.partition(":") for pair in self.cleaned_data["seen"].split())
        }


def cancel(request: Any, rows: Any, named: Any) -> TemplateResponse | None:
    """The page that asks; once it is sent, each appointment is cancelled with its reason and None leads back to the list."""
    mine = rows.visible_to(request.member, CANCEL.permission).for_page()  # which may be fewer than one sees
    found = list(mine.order_by("starts_at", "id")[: AT_ONCE + 1])
    if len(found) > AT_ONCE:
        messages.error(request, f"Cancel at most {AT_ONCE} at once; nothing was done.")
        return None
    warm(found)
    form = WhyForm(request.POST if "seen" in request.POST else None)
    if form.is_valid():
        _take(request, found, form, named)
        return None
    return _asked(request, found, form)


def _take(request: Any, found: list[Appointment], form: WhyForm, named: Any) -> None:
    by, now, why, versions = request.member.user_id, timezone.now(), form.cleaned_data["reason"], form.versions()
    shown = [row for row in found if row.pk in versions]
    if gone := len(versions) - len(shown):
        messages.error(request, f"Changed since they were shown, and left as they are: {gone}.")
    each(
        request,
        shown,
        lambda row: steps.cancel(appointment=row, by=by, now=now, reason=why, version=versions[row.pk]),
        "Cancelled",
        named=named,
    )


def _asked(request: Any, found: list[Appointment], form: WhyForm) -> TemplateResponse | None:
    able = [row for row in found if row.state in CANCEL.sources]
    if not able:
        messages.error(request, "None of these can be cancelled by you any more; nothing was done.")
        return None
    now = timezone.now()
    lines = [
        {"row": row, "at": _at(row, now), "kind": hooks_of(row.kind).name or row.kind, "goes": row in able} for row in found
    ]
    context = {
        **admin.site.each_context(request),
        "title": "Cancel appointments",
        "form": form,
        "lines": lines,
        "able": able,
        "stay": len(found) - len(able),
        "action": request.POST["action"],
        "chosen": helpers.ACTION_CHECKBOX_NAME,
        "seen": " ".join(f"{row.pk}:{row.version}" for row in able),
        "most": WhyForm.base_fields["reason"].max_length,
    }
    return TemplateResponse(request, "admin/appointments/cancel.html", context)


def _at(row: Appointment, now: Any) -> str:
    return filled("{starts_at}", {"starts_at": row.starts_at.astimezone(row.zone)}, now)
