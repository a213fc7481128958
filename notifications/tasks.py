"""Which work on messages is done by jobs? Choosing a channel, sending on each, reminding, learning, alerting."""

from uuid import UUID

from django.utils import timezone

from healthcare.core.jobs import job
from healthcare.core.models import Priority
from notifications.messages import CHANNELS
from notifications.services import alerting, coming_up, learning, reminding, sending, telling


@job(telling.SEND, queue="notification")
def choose_channel(*, notification_id: str) -> None:
    telling.choose_channel(notification_id=UUID(notification_id), now=timezone.now())


def send(*, delivery_id: str) -> None:
    sending.send(delivery_id=UUID(delivery_id), now=timezone.now())


def note_failure(*, delivery_id: str, error: Exception, last: bool) -> None:
    sending.note_failure(delivery_id=UUID(delivery_id), error=error, last=last, now=timezone.now())


for _channel in CHANNELS:
    job(_channel.job, queue=_channel.queue, failed=note_failure)(send)


@job(reminding.REMIND, queue="reminder")
def remind(*, appointment_id: str, version: int, minutes: int) -> None:
    reminding.remind(appointment_id=UUID(appointment_id), version=version, minutes=minutes, now=timezone.now())


@job("queue.near", queue="queue-management")
def tell_who_is_near(*, queue_id: str) -> None:
    coming_up.tell_who_is_near(queue_id=UUID(queue_id))


@job(learning.LEARN, queue="patient-preference", priority=Priority.LOW)
def learn(*, notification_id: str) -> None:
    learning.learn(notification_id=UUID(notification_id), now=timezone.now())


@job(alerting.NEW_SIGN_IN, queue="notification", platform=True)
def tell_of_sign_in(*, session_id: str) -> None:
    alerting.tell_of_sign_in(session_id=UUID(session_id))


@job(alerting.OF_DEAD_JOB, queue="notification", platform=True, priority=Priority.URGENT)
def tell_operators(*, job_id: str) -> None:
    alerting.tell_operators(job_id=UUID(job_id))
