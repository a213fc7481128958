"""What of the live queues stands in the way of closing a clinic? People who wait."""

import datetime as dt
from typing import Any

from appointments.queue.models import Token
from clinics import obstacles
from healthcare.core.errors import Reason

LATELY = dt.timedelta(days=1)  # who was forgotten in a queue of last week holds nobody up


def people_wait(clinic: Any, now: dt.datetime) -> list[Reason]:
    waiting = Token.objects.open().filter(queue__is_open=True, arrived_at__gt=now - LATELY).count()
    return [Reason("people_waiting", f"{waiting} people stand in today's queues.")] if waiting else []


obstacles.before_closing(people_wait)
