"""How does somebody come to be told something? An entry in their ledger at once, a channel chosen by a job."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from healthcare.core import delivery
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import current_clinic
from notifications import facts
from notifications.contacts import contact
from notifications.events import NotificationRecorded, NotificationUnreached
from notifications.messages import BY_CODE, BY_NAME, language_for
from notifications.models import Delivery, Notification
from patients.models import Patient

SEND = "notification.send"


def tell_of_appointment(*, message: str, appointment_id: UUID, version: int) -> Notification:
    """Enter the message for the appointment's patient into the ledger and owe its sending."""
    patient = Patient.objects.only("id", "language").get(appointments=appointment_id)
    notification = Notification(
        patient=patient,
        message=BY_CODE[message].code,
        language=language_for(patient.language, current_clinic().language),
        subject_ids={"appointment": str(appointment_id)},
        appointment_version=version,
    )
    with transaction.atomic():
        notification.save(force_insert=True)
        publish(NotificationRecorded(notification_id=notification.id))
        enqueue(SEND, key=f"{SEND}:{notification.id}", notification_id=notification.id)
    return notification


def choose_channel(*, notification_id: UUID, now: dt.datetime) -> Delivery | None:
    """Give the message to the next channel that reaches the person and has not had its turn; None when there is none.

    Runs twice without harm: what was sent, or is on its way, stays so.
    """
    with transaction.atomic():
        notification = Notification.objects.select_for_update().get(pk=notification_id)
        turns = {delivery.channel: delivery for delivery in notification.deliveries.all()}
        waiting = any(turn.state in (Delivery.State.QUEUED, Delivery.State.SENT) for turn in turns.values())
        if notification.state != Notification.State.QUEUED or waiting:
            return None
        if is_stale(notification):
            end(notification, Notification.State.STALE)
            return None
        for channel in BY_CODE[notification.message].channels:
            if channel not in turns and (chosen := _try_channel(notification, channel, now)):
                return chosen
        end(notification, Notification.State.UNREACHED)
        publish(NotificationUnreached(notification_id=notification.id))
    return None


def _try_channel(notification: Notification, channel: str, now: dt.datetime) -> Delivery | None:
    """Queue it there; a channel that is not set up, or has no address, is passed over."""
    if delivery.sender(channel) is None:
        return None
    turn = Delivery(notification=notification, channel=channel, at=now)
    if contact(notification, channel) is None:
        turn.state, turn.error = Delivery.State.SKIPPED, "no_address"
    turn.save(force_insert=True)
    if turn.state == Delivery.State.SKIPPED:
        return None
    enqueue(BY_NAME[channel].job, key=turn.key, delivery_id=turn.id)
    return turn


def choose_next(notification: Notification, *, after: str) -> None:
    """A channel failed for good: owe the choice of the next."""
    enqueue(SEND, key=f"{SEND}:{notification.id}:after.{after}", notification_id=notification.id)


def is_stale(notification: Notification) -> bool:
    known = facts.load([notification]).get(notification.appointment_id or "")
    return known is None or known.stale_for(notification)


def end(notification: Notification, state: Notification.State) -> None:
    notification.state = state
    notification.save(update_fields=["state"])
