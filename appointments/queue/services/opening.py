"""When does a queue begin? At the first check-in of a practitioner's day, or when staff open it."""

import datetime as dt
from itertools import chain, product
from string import ascii_uppercase
from uuid import UUID

from django.db import transaction

from appointments.models import Practitioner
from appointments.queue.events import QueueOpened
from appointments.queue.models import Queue
from healthcare.core.errors import Overloaded
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue

CLOSES_AFTER = dt.timedelta(minutes=15)  # the end of its day
PREFIXES = tuple("".join(p) for p in chain(product(ascii_uppercase), product(ascii_uppercase, ascii_uppercase)))


@transaction.atomic
def open_queue(*, practitioner: Practitioner, at: dt.datetime, by: UUID | None, now: dt.datetime) -> Queue:
    """The practitioner's queue of the day on which `at` falls where they work, made if need be, locked. Raises Overloaded."""
    zone = practitioner.place.clock
    day = at.astimezone(zone).date()
    for _ in range(20):  # a rival may take the letter or make the very queue; then look again
        if (queue := _locked(practitioner, day)) is not None:
            return queue
        row = Queue(practitioner=practitioner, day=day, prefix=_free_prefix(practitioner, day))
        Queue.objects.bulk_create([row], ignore_conflicts=True)
        if (queue := _locked(practitioner, day)) is not None and queue.id == row.id:
            publish(QueueOpened(queue_id=queue.id))
            ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
            enqueue("queue.close", key=f"queue.close:{queue.id}:0", after=ends + CLOSES_AFTER - now, queue_id=queue.id, round=0)
            return queue
    raise Overloaded


def _locked(practitioner: Practitioner, day: dt.date) -> Queue | None:
    rows = Queue.objects.select_related("practitioner").select_for_update(of=("self",), no_key=True)
    return rows.filter(practitioner=practitioner, day=day).first()


def _free_prefix(practitioner: Practitioner, day: dt.date) -> str:
    """The letter they had last time if it is free, else the first free one: numbers on one screen must not collide."""
    taken = set(Queue.objects.filter(day=day).values_list("prefix", flat=True))
    last = Queue.objects.filter(practitioner=practitioner).order_by("-day").values_list("prefix", flat=True).first()
    if last and last not in taken:
        return last
    return next(p for p in PREFIXES if p not in taken)
