"""Who takes somebody that found no time? An app above registers its waitlist here; a booking with that strategy joins it.

    waiting.register(join)      # join(kind=, patient=, practitioner=, starts_at=, priority=, reason=, by=, now=) -> its UUID

It is called in a transaction of its own, after the refusal; what it raises is the answer.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from healthcare.core.errors import Refused

Join = Callable[..., UUID]
_joins: list[Join] = []


class NoWaitlist(Refused):
    code = "no_waitlist"
    detail = "There is no waitlist here."


def register(join: Join) -> None:
    """The one waitlist; registering again replaces it."""
    _joins[:] = [join]


def join(**wanted: Any) -> UUID:
    """Raises NoWaitlist, and what the waitlist refuses."""
    if not _joins:
        raise NoWaitlist
    with transaction.atomic():
        return _joins[0](**wanted)
