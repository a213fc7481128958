"""How does one delivery go out, once? Words and address are found now, from ids; neither is kept."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from healthcare.core import delivery as channels
from healthcare.core.delivery import Failure, Message, Undeliverable
from healthcare.core.events import publish
from notifications import facts, optout, words
from notifications.calendar import invitation
from notifications.contacts import Contact, contact
from notifications.events import NotificationSent
from notifications.facts import Facts
from notifications.ledger import EntryState, TurnState
from notifications.messages import BY_CODE
from notifications.services.telling import choose_next, end
from notifications.tables import turns

UNSENT = (TurnState.QUEUED, TurnState.FAILED)  # failed: a dead job was re-queued


def send(*, delivery_id: UUID, now: dt.datetime) -> None:
    """Send it, or note why not. Raises TryAgain, so that the job is tried again.

    Only the delivery is locked meanwhile: a slow mail server must not keep the person from reading their ledger.
    """
    with transaction.atomic():
        turn = _locked(delivery_id)
        entry = turn.notification
        if turn.state not in UNSENT or entry.state == EntryState.SENT:
            return
        known = facts.of(entry)
        if known.stale_for(entry):
            _close(turn, TurnState.SKIPPED, "stale", now)
            end(entry, EntryState.STALE)
        elif (person := contact(entry, turn.channel)) is None:
            _close(turn, TurnState.SKIPPED, "no_address", now)
            choose_next(entry, after=turn.channel)
        else:
            _hand_over(turn, known, person, now)


def _hand_over(turn: Any, known: Facts, person: Contact, now: dt.datetime) -> None:
    turn.attempts += 1
    try:
        receipt = channels.send(turn.channel, compose(turn, known, person, now))
    except Undeliverable as no:
        _close(turn, TurnState.FAILED, no.code, now)
        choose_next(turn.notification, after=turn.channel)
        return
    turn.provider_id = receipt.provider_id
    _close(turn, TurnState.SENT, "", now)
    end(turn.notification, EntryState.SENT)
    publish(NotificationSent(notification_id=turn.notification_id, channel=turn.channel))


def compose(turn: Any, known: Facts, person: Contact, now: dt.datetime) -> Message:
    """The whole message for one channel: mail is long, everything else is short."""
    entry = turn.notification
    kind = BY_CODE[entry.message]
    stop = optout.link(entry) if kind.may_be_declined else ""
    told = {"to": person.address, "key": turn.key, "language": entry.language, "unsubscribe": stop}
    if turn.channel != "email":
        said = words.in_short(entry, known)
        return Message(subject=said.title, text=said.text, template=words.of_template(entry, known), **told)
    said = words.of_mail(entry, known, person.name, stop)
    return Message(
        subject=said.title,
        text=said.text,
        html=words.of_mail_as_html(entry, known, person.name, stop),
        attachments=_attachments(entry, known, said.title, now),
        **told,
    )


def _attachments(entry: Any, known: Facts, title: str, now: dt.datetime) -> tuple[channels.Attachment, ...]:
    method = BY_CODE[entry.message].calendar
    if not method:
        return ()
    return (invitation(known, method=method, version=entry.appointment_version or 0, title=title, now=now),)


def note_failure(*, delivery_id: UUID, error: Exception, last: bool, now: dt.datetime) -> None:
    """A try failed and was rolled back: keep that it was made, and after the last one turn to the next channel."""
    with transaction.atomic():
        turn = _locked(delivery_id)
        turn.attempts += 1
        code = error.code if isinstance(error, Failure) else type(error).__name__
        _close(turn, TurnState.FAILED if last else TurnState.QUEUED, code, now)
        if last:
            choose_next(turn.notification, after=turn.channel)


def _locked(delivery_id: UUID) -> Any:
    return turns().objects.select_for_update(of=("self",)).select_related("notification").get(pk=delivery_id)


def _close(turn: Any, state: str, error: str, now: dt.datetime) -> None:
    turn.state, turn.error, turn.at = state, error[:60], now
    turn.save()
