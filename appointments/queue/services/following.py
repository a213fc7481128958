"""What does a token do when its appointment is moved by somebody else? It follows, and the queue's log says so."""

import datetime as dt
from uuid import UUID

from appointments.queue import verbs
from appointments.queue.models import Token
from appointments.queue.services.calling import step
from appointments.queue.services.locks import locked_queues
from appointments.queue.services.truth import queue_leads
from appointments.workflow import State


def follow(*, appointment_id: UUID, state: State, by: UUID | None, now: dt.datetime) -> None:
    """Bring the open token of an appointment to where the appointment is now."""
    if queue_leads() or state not in verbs.FOLLOWS:
        return
    found = Token.objects.open().filter(appointment=appointment_id).values_list("queue_id", flat=True).first()
    if found is None:
        return
    queue = locked_queues([found])[found]
    token = Token.objects.open().filter(appointment=appointment_id, queue=queue).first()
    if token is None or token.status in verbs.AGREES.get(state, ()):
        return
    token.queue = queue
    step(verbs.BY_NAME[verbs.FOLLOWS[state]], token, by=by, now=now)
