"""How does staff see where they are signed in, and set up their authenticator? One page of the admin; each click a form."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Session
from accounts.services import second_step, sessions, step_up, totp
from healthcare.core.errors import Refused

NAME = "admin:security"


class ProofForm(forms.Form):
    password = forms.CharField(max_length=200, required=False, strip=False)
    code = forms.CharField(max_length=20, required=False)


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For whoever is signed in to the admin: the page shows nothing but what is theirs."""

    @wraps(view)
    @never_cache
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.auth_session is None or not admin.site.has_permission(request):
            return redirect_to_login(request.path, reverse("admin:login"))
        return view(request, *args, **kwargs)

    return guarded


def click(verb: Callable[..., str]) -> Callable[..., HttpResponse]:
    """A click says in a sentence what came of it."""

    @wraps(verb)
    def answered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, verb(request, *args, **kwargs))
        except Refused as refused:
            messages.error(request, refused.detail)
        return HttpResponseRedirect(reverse(NAME))

    return own(require_POST(answered))


@own
@require_safe
def page(request: Any) -> HttpResponse:
    return _page(request)


@click
def end_session(request: Any, session_id: UUID) -> str:
    sessions.end_own_session(user_id=request.user.pk, session_id=session_id)
    return "That session has ended."


@own
@require_POST
def enrol(request: Any) -> HttpResponse:
    """Shows the secret once, after the password was given."""
    try:
        _prove(request)
        made = totp.enrol(user=request.user)
    except Refused as refused:
        messages.error(request, refused.detail)
        return HttpResponseRedirect(reverse(NAME))
    return _page(request, enrolment=made)


@own
@require_POST
def confirm(request: Any) -> HttpResponse:
    """Shows the recovery codes once."""
    try:
        session_id = request.auth_session.session_id
        codes = totp.confirm(user=request.user, code=_given(request)["code"], session_id=session_id)
    except Refused as refused:
        messages.error(request, refused.detail)
        return HttpResponseRedirect(reverse(NAME))
    return _page(request, codes=codes)


@click
def remove(request: Any) -> str:
    _prove(request)
    totp.remove(user=request.user)
    return "Your authenticator is removed."


def pages() -> list[Any]:
    return [
        path("security/", page, name="security"),
        path("security/sessions/<uuid:session_id>/end", end_session, name="security_end_session"),
        path("security/authenticator", enrol, name="security_enrol"),
        path("security/authenticator/confirm", confirm, name="security_confirm"),
        path("security/authenticator/remove", remove, name="security_remove"),
    ]


def _prove(request: Any) -> None:
    session_id = request.auth_session.session_id
    step_up.prove(user=request.user, session_id=session_id, **_given(request), now=timezone.now())


def _given(request: Any) -> dict[str, str]:
    form = ProofForm(request.POST)
    return dict(form.cleaned_data) if form.is_valid() else {"password": "", "code": ""}


def _page(request: Any, **more: Any) -> HttpResponse:
    me = request.user.pk
    context = {
        **admin.site.each_context(request),
        "title": "Your security",
        "sessions": list(Session.objects.open_of(me).order_by("-last_used_at")),
        "here": request.auth_session.session_id,
        "set_up": second_step.has(me),
        "required": request.auth_session.limited,
        "codes_left": totp.left(me),
        **more,
    }
    return TemplateResponse(request, "admin/security.html", context)
