"""What was somebody told on arrival? Kept with their number, so that how often it was true can be counted."""

import datetime as dt
from uuid import UUID

from appointments.queue.models import Queue, Token
from appointments.queue.waits.reading import told


def tell(*, token_id: UUID, now: dt.datetime) -> bool:
    """Keep the range of who has just got a number, once. Answers whether there was one to keep."""
    token = Token.objects.filter(pk=token_id, wait_high=None).waiting().first()
    if token is None:
        return False
    queue = Queue.objects.select_related("practitioner").get(pk=token.queue_id)
    wait = told({queue: list(Token.objects.filter(queue=queue))}, now=now).get(token_id)
    if wait is None:
        return False
    gone = (now - token.arrived_at).total_seconds()
    high = round(gone + wait.high)
    return bool(Token.objects.filter(pk=token_id, wait_high=None).update(wait_low=round(gone + wait.low), wait_high=high))
