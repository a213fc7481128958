"""Where do links that carry a secret lead? To a page that reads it from behind the #: it reaches no server and no log."""

from typing import Any

from django.shortcuts import render


def page_reset(request: Any) -> Any:
    """Sets a new password."""
    return _page(request, "accounts/password_reset.html")


def page_invitation(request: Any) -> Any:
    """Accepts an invitation."""
    return _page(request, "accounts/invitation.html")


def _page(request: Any, template: str) -> Any:
    answer = render(request, template)
    answer["Referrer-Policy"] = "no-referrer"
    answer["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
    )
    return answer
