"""How does one delivery go out, once? Words and address are found now, from ids; neither is kept."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from healthcare.core import delivery as channels
from healthcare.core.delivery import Failure, Message, Undeliverable
from healthcare.core.events import publish
from notifications import facts, words
from notifications.calendar import invitation
from notifications.contacts import Contact, contact
from notifications.events import NotificationSent
from notifications.facts import Facts
from notifications.messages import BY_CODE
from notifications.models import Delivery, Notification
from notifications.services.telling import choose_next, end

UNSENT = (Delivery.State.QUEUED, Delivery.State.FAILED)  # failed: a dead job was re-queued


def send(*, delivery_id: UUID, now: dt.datetime) -> None:
    """Send it, or note why not. Raises TryAgain, so that the job is tried again.

    Only the delivery is locked meanwhile: a slow mail server must not keep the person from reading their ledger.
    """
    with transaction.atomic():
        turn = Delivery.objects.select_for_update(of=("self",)).select_related("notification").get(pk=delivery_id)
        notification = turn.notification
        if turn.state not in UNSENT or notification.state == Notification.State.SENT:
            return
        known = facts.load([notification]).get(notification.appointment_id or "")
        if known is None or known.stale_for(notification):
            _close(turn, Delivery.State.SKIPPED, "stale", now)
            end(notification, Notification.State.STALE)
        elif (person := contact(notification, turn.channel)) is None:
            _close(turn, Delivery.State.SKIPPED, "no_address", now)
            choose_next(notification, after=turn.channel)
        else:
            _hand_over(turn, known, person, now)


def _hand_over(turn: Delivery, known: Facts, person: Contact, now: dt.datetime) -> None:
    turn.attempts += 1
    try:
        receipt = channels.send(turn.channel, compose(turn, known, person, now))
    except Undeliverable as no:
        _close(turn, Delivery.State.FAILED, no.code, now)
        choose_next(turn.notification, after=turn.channel)
        return
    turn.provider_id = receipt.provider_id
    _close(turn, Delivery.State.SENT, "", now)
    end(turn.notification, Notification.State.SENT)
    publish(NotificationSent(notification_id=turn.notification_id, channel=turn.channel))


def compose(turn: Delivery, known: Facts, person: Contact, now: dt.datetime) -> Message:
    notification = turn.notification
    method = BY_CODE[notification.message].calendar
    said = words.of_mail(notification, known, person.name)
    version = notification.appointment_version or 0
    return Message(
        to=person.address,
        subject=said.title,
        text=said.text,
        html=words.of_mail_as_html(notification, known, person.name),
        attachments=(invitation(known, method=method, version=version, title=said.title, now=now),) if method else (),
        key=turn.key,
        language=notification.language,
    )


def note_failure(*, delivery_id: UUID, error: Exception, last: bool, now: dt.datetime) -> None:
    """A try failed and was rolled back: keep that it was made, and after the last one turn to the next channel."""
    with transaction.atomic():
        turn = Delivery.objects.select_for_update(of=("self",)).select_related("notification").get(pk=delivery_id)
        turn.attempts += 1
        code = error.code if isinstance(error, Failure) else type(error).__name__
        _close(turn, Delivery.State.FAILED if last else Delivery.State.QUEUED, code, now)
        if last:
            choose_next(turn.notification, after=turn.channel)


def _close(turn: Delivery, state: str, error: str, now: dt.datetime) -> None:
    turn.state, turn.error, turn.at = state, error[:60], now
    turn.save()
