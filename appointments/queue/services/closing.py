"""How does a queue's day end? Empty ones close when the day is over; a night's last patients are waited for, a while."""

import datetime as dt

from django.db import transaction

from appointments.queue import verbs
from appointments.queue.events import QueueClosed
from appointments.queue.models import Queue, Token
from appointments.queue.services.calling import step
from appointments.queue.services.locks import locked_queues
from appointments.services import steps
from appointments.workflow import State
from healthcare.core.events import publish

S = Token.Status


@transaction.atomic
def close(*, queue: Queue, now: dt.datetime, whoever_waits: bool = False) -> bool:
    """Close the queue if nobody is in it, or `whoever_waits`: then who is being seen is finished, the others have left.

    Answers whether it is closed. Closing twice does nothing.
    """
    held = locked_queues([queue.pk])[queue.pk]
    if not held.is_open:
        return True
    left = list(Token.objects.open().filter(queue=held).select_related("appointment"))
    if left and not whoever_waits:
        return False
    for token in left:
        token.queue = held
        _end(token, now)
    held.is_open = False
    held.save(update_fields=["is_open"])
    publish(QueueClosed(queue_id=held.id))
    return True


def _end(token: Token, now: dt.datetime) -> None:
    """A booked patient's appointment ends, and the token follows it; a walk-in has only the token."""
    if token.appointment is None:
        name = "finish" if token.status == S.SERVING else "cancel"
        return step(verbs.BY_NAME[name], token, by=None, now=now)
    verb = {State.IN_PROGRESS: steps.complete, State.ON_HOLD: steps.cancel}.get(State(token.appointment.state), steps.no_show)
    verb(appointment=token.appointment, by=None, now=now)
