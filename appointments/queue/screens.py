"""What does a waiting-room screen load? One page for all screens, with nothing in it: it asks for its data as itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

POLICY = {
    "default-src": "'self'",
    "connect-src": "'self' ws: wss:",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}


@require_safe
def screen(request: HttpRequest, **_: Any) -> HttpResponse:
    return guarded(render(request, "screens/display.html"))


def guarded(page: HttpResponse) -> HttpResponse:
    """A page of ours that loads nothing of others and sends no form."""
    page["Content-Security-Policy"] = "; ".join(f"{what} {where}" for what, where in POLICY.items())
    page["Cache-Control"] = "no-cache"
    return page
