"""In which order are locks taken? Queues by id, then the appointment. Tokens need none: who writes one holds its queue."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from appointments.queue.models import OPEN, Queue, Token
from healthcare.core.errors import NotFound, Refused


class QueueClosed(Refused):
    code = "queue_closed"
    detail = "The queue is closed for the day."


def locked_queues(ids: Iterable[UUID]) -> dict[UUID, Queue]:
    """These queues as they are now, locked until the end of the transaction. Raises NotFound."""
    wanted = sorted(set(ids))
    rows = Queue.objects.select_related("practitioner").select_for_update(of=("self",), no_key=True)
    found = {queue.id: queue for queue in rows.filter(pk__in=wanted).order_by("id")}
    if len(found) != len(wanted):
        raise NotFound
    return found


def open_one(queue_id: UUID) -> Queue:
    """The queue, locked. Raises NotFound, QueueClosed."""
    queue = locked_queues([queue_id])[queue_id]
    if not queue.is_open:
        raise QueueClosed
    return queue


def token_in(queue: Queue, token: Token) -> Token:
    """The token as it is now that its queue is held. Raises NotFound."""
    row = Token.objects.filter(pk=token.pk, queue=queue).first()
    if row is None:
        raise NotFound
    row.queue = queue
    return row


def lock_queues_of(appointment_id: UUID) -> None:
    """Called by the appointment's verbs before they lock its row: the queue it has a token in, or is about to get one in."""
    today = timezone.now().date()
    near = (today - dt.timedelta(days=1), today + dt.timedelta(days=1))
    has_token = Q(tokens__appointment=appointment_id, tokens__status__in=OPEN)
    may_get_one = Q(practitioner__appointments=appointment_id, is_open=True, day__range=near)
    wanted = Queue.objects.filter(has_token | may_get_one).values("id")
    list(Queue.objects.filter(pk__in=wanted).order_by("id").select_for_update(no_key=True).values_list("id"))
