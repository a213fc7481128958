"""How does the desk hang up a screen? It types the code the screen shows; later it may take the screen back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Display
from accounts.services import displays
from appointments.models import Practitioner
from appointments.queue.board import needs
from healthcare.core.errors import Refused, words_of
from healthcare.core.tenancy import on_platform

NAME = "admin:queue_screens"
LANGUAGES = {"en": "English", "hi": "हिन्दी", "mr": "मराठी", "ar": "العربية"}  # what screens have words for


class PairForm(forms.Form):
    code = forms.CharField(max_length=20, help_text="The six letters and digits on the screen; they are good for ten minutes.")
    name = forms.CharField(max_length=80, label="Where it hangs", help_text="For example: Waiting room, ground floor.")
    practitioners: Any = forms.ModelMultipleChoiceField(
        queryset=None, required=False, widget=forms.CheckboxSelectMultiple, label="Whose queues", help_text="None: everybody's."
    )
    languages = forms.MultipleChoiceField(
        choices=list(LANGUAGES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: the clinic's own.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioners"].queryset = Practitioner.objects.seeing_patients().order_by("name", "id")  # type: ignore[attr-defined]
        self.fields["code"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        for name in ("code", "name"):
            self.fields[name].widget.attrs["aria-describedby"] = f"about-{name}"


@require_http_methods(["GET", "HEAD", "POST"])
@needs("display.pair")
def page(request: Any) -> HttpResponse:
    form = PairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            display = _pair(request, form.cleaned_data)
        except Refused as refused:
            form.add_error("code", words_of(refused))
        else:
            messages.success(request, f"The screen “{display.name}” is connected.")
            return HttpResponseRedirect(reverse(NAME))
    context = {**admin.site.each_context(request), "title": "Screens", "form": form, "screens": _screens(request)}
    return TemplateResponse(request, "admin/queue/screens.html", context)


@require_POST
@needs("display.pair")
def revoke(request: Any, display_id: UUID) -> HttpResponse:
    with on_platform():
        row = _of_clinic(request).filter(pk=display_id).first()
    if row is None:
        raise Http404
    displays.revoke(display=row, by=request.member.user_id, now=timezone.now())
    messages.success(request, f"The screen “{row.name}” is taken back; it goes dark within two seconds.")
    return HttpResponseRedirect(reverse(NAME))


def _pair(request: Any, asked: dict[str, Any]) -> Display:
    who = request.member.user_id  # whose tries are counted: a sign-in to the admin has no session of the API
    return displays.approve(
        code=asked["code"],
        name=asked["name"],
        clinic=request.clinic,
        by=who,
        session_id=who,
        now=timezone.now(),
        practitioners=[row.pk for row in asked["practitioners"]],
        languages=asked["languages"],
    )


def _screens(request: Any) -> list[dict[str, Any]]:
    with on_platform():
        rows = list(_of_clinic(request).order_by("name", "id"))
    names = {str(row.pk): str(row) for row in Practitioner.objects.all()} if rows else {}
    now = timezone.now()
    return [
        {
            "id": row.pk,
            "name": row.name,
            "shows": ", ".join(names[i] for i in row.practitioners if i in names) or "everybody",
            "languages": ", ".join(LANGUAGES.get(tag, tag) for tag in row.languages) or "the clinic’s",
            "approved_at": row.approved_at,
            "seen": _seen(row, now),
            "is_on": row.last_seen_at is not None and now - row.last_seen_at < 3 * displays.SEEN,
        }
        for row in rows
    ]


def _seen(row: Display, now: Any) -> str:
    if row.last_seen_at is None:
        return "never"
    minutes = int((now - row.last_seen_at).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2880 else f"{minutes // 1440} days ago"


def _of_clinic(request: Any) -> Any:
    return Display.objects.filter(clinic=request.clinic.pk, approved_at__isnull=False, revoked_at=None)
