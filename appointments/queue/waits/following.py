"""How does somebody who waits follow it on their own phone, without an account? By a link that knows one number, for its day.

The page says what a wall says of it (number, place, desk) and the range; no name, nothing that leads to one.
"""

import datetime as dt
from typing import Any

from django.conf import settings

from appointments.queue import faces
from appointments.queue.models import Queue, Token
from appointments.queue.waits.reading import minutes, told
from healthcare.core import references
from healthcare.core.tenancy import current_clinic, find_clinic, in_clinic

PURPOSE = "queue.wait.1"
LIVES = dt.timedelta(hours=24)  # after arrival the link knows nothing any more
SHOWN = ("number", "status", "place", "desk", "priority")


def link(token: Token) -> str:
    return f"{settings.BASE_URL}/wait/{references.reference(PURPOSE, current_clinic().id, token.id)}"


def seen(text: str, *, now: dt.datetime) -> dict[str, Any] | None:
    """What the holder of the link may see now, JSON-ready; None for a link that is not ours, or whose day is over."""
    named = references.read(PURPOSE, text)
    clinic = find_clinic(named.clinic_id) if named else None
    if named is None or clinic is None:
        return None
    with in_clinic(clinic):
        rows = Token.objects.select_related("queue__practitioner")
        token = rows.filter(pk=named.row_id, arrived_at__gt=now - LIVES).first()
        return _shown(token, now) if token else None


def _shown(token: Token, now: dt.datetime) -> dict[str, Any]:
    queue: Queue = token.queue
    rows = list(Token.objects.filter(queue=queue))
    place = {one.id: rank for one, rank in faces.ranked(rows)}.get(token.id)
    face = faces.face(token, queue, place)
    return {
        **{name: face[name] for name in SHOWN},
        "wait": minutes(told({queue: rows}, now=now).get(token.id)),
        "clinic": current_clinic().name,
        "as_of": now.isoformat(),
        "zone": queue.practitioner.place.zone,
    }
