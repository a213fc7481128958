"""What does the queue owe later? Its closing, the no-shows of its patients, and tickets and codes that ran out.

The first two are owed by the change that makes them due (a queue opened, an appointment booked), so nobody asks every
clinic's schema every minute whether there is something to do.
"""

import datetime as dt
from uuid import UUID

from django.utils import timezone

from accounts.services import displays, tickets
from appointments.models import Appointment
from appointments.queue.models import Queue
from appointments.queue.services.closing import close
from appointments.queue.waits import telling
from appointments.services import steps
from appointments.workflow import State
from healthcare.core.jobs import enqueue, job

NO_SHOW_AFTER = dt.timedelta(minutes=30)  # the end of an appointment without check-in
AGAIN = dt.timedelta(hours=1)
TELL = "queue.tell_wait"
ROUNDS = 6  # hours after its day until a queue is closed over whoever is left in it
MAY_STILL_COME = (State.PENDING, State.SCHEDULED, State.CONFIRMED)


@job("queue.close", queue="queue-management")
def close_queue(*, queue_id: str, round: int) -> None:
    queue = Queue.objects.get(pk=queue_id)
    if not close(queue=queue, now=timezone.now(), whoever_waits=round >= ROUNDS):
        enqueue("queue.close", key=f"queue.close:{queue_id}:{round + 1}", after=AGAIN, queue_id=queue.id, round=round + 1)


@job("queue.no_show", queue="queue-management")
def mark_no_show(*, appointment_id: str, version: int) -> None:
    """Nobody came. An appointment that was moved meanwhile has a job of its own."""
    appointment, now = Appointment.objects.filter(pk=appointment_id).first(), timezone.now()
    if appointment is None or appointment.state not in MAY_STILL_COME or now < appointment.ends_at + NO_SHOW_AFTER:
        return
    steps.no_show(appointment=appointment, by=None, now=now)


@job(TELL, queue="queue-management")
def tell_wait(*, token_id: str) -> None:
    """What somebody is told on arrival is kept: how often it was true is published."""
    telling.tell(token_id=UUID(token_id), now=timezone.now())


@job("realtime.prune", queue="queue-management", platform=True)
def prune() -> None:
    """Every hour: nobody needs what ran out."""
    tickets.prune(now=timezone.now())
    displays.prune(now=timezone.now())
