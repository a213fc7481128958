"""Is somebody who signed in to the admin still signed in? Their sign-in is a session like any other: listed, counted, ended.

So what ends sessions (a new password, deactivation, logging out everywhere) ends this one too, within two seconds. A cookie
without such a session is nobody's.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import signed_in
from accounts.admin_idle import end_if_idle, is_use
from accounts.admin_login import DEVICE_AGE, DEVICE_COOKIE
from accounts.auth_views import device_of
from accounts.services.sessions import end_session, open_session
from healthcare.core.context import note_actor
from healthcare.core.ids import as_id
from healthcare.core.tenancy import on_platform

KEY = "account_session"
SECURITY = "/admin/security/"
OPEN_TO_LIMITED = (SECURITY, "/admin/logout/", "/admin/login/", "/admin/jsi18n/", settings.STATIC_URL)


class StaffSession:
    """For every page that a cookie of the admin opens, inside the admin and beside it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.auth_session = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            with on_platform():
                _meet(request)
        limited = request.auth_session is not None and request.auth_session.limited
        if limited and not request.path.startswith(OPEN_TO_LIMITED):
            return HttpResponseRedirect(SECURITY)
        response = self.get_response(request)
        if known := getattr(request, "known_device", ""):
            response.set_cookie(
                DEVICE_COOKIE,
                known,
                max_age=DEVICE_AGE,
                path="/admin/login/",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",
            )
        return response


def _meet(request: Any) -> None:
    if request.user.is_authenticated:
        end_if_idle(request)
    if not request.user.is_authenticated:
        return
    session_id = as_id(request.session.get(KEY))
    who = signed_in.find(session_id, touch=is_use(request)) if session_id else None
    if who is None or who.user_id != request.user.pk:
        logout(request)
        return
    request.auth_session = who
    note_actor(who.user_id, who.session_id)


@receiver(user_logged_in)
def begin(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Django's one hook into the moment at which its cookie becomes somebody's."""
    with on_platform():
        step = getattr(user, "second_step_given", False)
        session = open_session(user=user, device=device_of(request), second_step=step, in_admin=True).session
    request.session[KEY] = str(session.pk)


@receiver(user_logged_out)
def end(sender: Any, request: Any, **_: Any) -> None:
    session_id = as_id(request.session.get(KEY)) if hasattr(request, "session") else None
    if session_id is not None:
        end_session(session_id=session_id, why="logout")
