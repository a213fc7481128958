"""When does a sign-in to the admin end by itself? After the idle time of staff sessions; a page that polls is no use."""

import time
from typing import Any

from django.contrib.auth import logout

from accounts.services.sessions import LIVES

USED_AT = "used_at"
IDLE = LIVES[True][0].total_seconds()
NOTED_EVERY = 60.0  # seconds: not every click writes the session


def end_if_idle(request: Any) -> None:
    """Sign out whoever did nothing for too long; note that something was done."""
    now = time.time()
    used_at = request.session.get(USED_AT, now)
    if now - used_at > IDLE:
        logout(request)
    elif is_use(request) and (USED_AT not in request.session or now - used_at > NOTED_EVERY):
        request.session[USED_AT] = now


def is_use(request: Any) -> bool:
    """A click, not a script that asks again by itself (browsers say which; who says nothing is taken for a person)."""
    return request.method == "POST" or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
