"""How does somebody come to be told something? An entry in their ledger at once, a channel chosen by a job."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from appointments.models import Appointment
from healthcare.core import delivery
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.languages import language_for
from healthcare.core.tenancy import clinic_or_none, on_platform
from notifications import facts
from notifications.contacts import contact
from notifications.events import NotificationRecorded, NotificationUnreached
from notifications.ledger import Entry, EntryState, TurnState
from notifications.messages import BY_CODE, BY_NAME
from notifications.services import inbox
from notifications.tables import entries, turns
from notifications.wishes import Wishes, wishes_of
from patients.models import Patient

SEND = "notification.send"
ON_ITS_WAY = (TurnState.QUEUED, TurnState.SENT, TurnState.DELIVERED)
TOO_LATE = dt.timedelta(minutes=30)  # before its appointment a message does not wait for a better hour


def tell_of_appointment(*, message: str, appointment: Appointment, version: int) -> Entry:
    """Enter the message for the appointment's patient into the ledger, and owe its sending. `version`: of which it is true."""
    return tell_patient(message=message, patient=appointment.patient, about={"appointment": appointment.pk}, version=version)


def tell_of_money(*, message: str, appointment_id: UUID, receipt_id: UUID) -> Entry:
    """Tell the patient of an appointment what was received or given back, by its receipt."""
    patient = Patient.objects.only("id", "language", "user_id").get(appointments=appointment_id)
    return tell_patient(message=message, patient=patient, about={"receipt": receipt_id})


def tell_patient(*, message: str, patient: Patient, about: dict[str, Any], version: int | None = None) -> Entry:
    """In the current clinic. `about` names what it speaks of: ids and short codes."""
    return _enter(message, patient.language, about, patient=patient, appointment_version=version)


def tell_account(*, message: str, user_id: UUID, about: dict[str, Any] | None = None) -> Entry:
    """Somebody through their account: in the current clinic, or on the platform (security notices, alerts)."""
    with on_platform():
        language = User.objects.filter(pk=user_id).values_list("language", flat=True).first() or ""
    return _enter(message, language, about or {}, user_id=user_id)


def _enter(message: str, language: str, about: dict[str, Any], **whom: Any) -> Entry:
    clinic = clinic_or_none()
    row = entries()(
        message=BY_CODE[message].code,
        language=language_for(language, clinic.language if clinic else ""),
        subject_ids={name: str(value) for name, value in about.items()},
        **whom,
    )
    with transaction.atomic(savepoint=False):
        if clinic:
            inbox.number(row)
        row.save(force_insert=True)
        publish(NotificationRecorded(notification_id=row.id))
        enqueue(SEND, key=f"{SEND}:{row.id}", notification_id=row.id)
    return row  # type: ignore[no-any-return]


def choose_channel(*, notification_id: UUID, now: dt.datetime) -> Any:
    """Give the message to the next channel that reaches the person and has not had its turn; None when there is none, or when
    it waits for the end of quiet hours.

    Runs twice without harm: what was sent, or is on its way, stays so.
    """
    with transaction.atomic():
        entry = entries().objects.select_for_update().get(pk=notification_id)
        had = {turn.channel: turn.state for turn in entry.deliveries.all()}
        if entry.state != EntryState.QUEUED or any(state in ON_ITS_WAY for state in had.values()):
            return None
        known, kind, wishes = facts.of(entry), BY_CODE[entry.message], wishes_of(entry)
        if known.stale_for(entry):
            return end(entry, EntryState.STALE)
        if not wishes.wants(kind):
            return end(entry, EntryState.DECLINED)
        pause = wishes.best_moment(kind, now)
        if pause > dt.timedelta(minutes=1) and not had:
            return _later(entry, pause, now)
        return _try_in_order(entry, known, wishes, set(had), now)


def _try_in_order(entry: Any, known: facts.Facts, wishes: Wishes, had: set[str], now: dt.datetime) -> Any:
    """In quiet hours what would disturb waits for their end, unless that is too late: then quieter ways come first."""
    kind, put_off = BY_CODE[entry.message], []
    for channel in (c for c in wishes.order(kind) if c not in had):
        pause = wishes.pause(kind, channel, now)
        if pause is None:
            if chosen := _try_channel(entry, channel, now):
                return chosen
        elif _reachable(entry, channel):
            if _in_time(known, now + pause):
                return _later(entry, pause, now)
            put_off.append(channel)
    for channel in put_off:
        if chosen := _try_channel(entry, channel, now):
            return chosen
    end(entry, EntryState.UNREACHED)
    publish(NotificationUnreached(notification_id=entry.id))
    return None


def _later(entry: Any, pause: dt.timedelta, now: dt.datetime) -> None:
    at = now + pause
    enqueue(SEND, key=f"{SEND}:{entry.id}:at.{int(at.timestamp())}", after=pause, notification_id=entry.id)


def _in_time(known: facts.Facts, at: dt.datetime) -> bool:
    return known.appointment is None or at <= known.appointment.starts_at - TOO_LATE


def _reachable(entry: Any, channel: str) -> bool:
    return delivery.sender(channel) is not None and contact(entry, channel) is not None


def _try_channel(entry: Any, channel: str, now: dt.datetime) -> Any:
    """Queue it there; a channel that is not set up, or has no address, is passed over."""
    if delivery.sender(channel) is None:
        return None
    turn = turns()(notification=entry, channel=channel, at=now)
    if contact(entry, channel) is None:
        turn.state, turn.error = TurnState.SKIPPED, "no_address"
    turn.save(force_insert=True)
    if turn.state == TurnState.SKIPPED:
        return None
    enqueue(BY_NAME[channel].job, key=turn.key, delivery_id=turn.id)
    return turn


def choose_next(entry: Any, *, after: str) -> None:
    """A channel failed for good: owe the choice of the next."""
    enqueue(SEND, key=f"{SEND}:{entry.id}:after.{after}", notification_id=entry.id)


def end(entry: Any, state: EntryState) -> None:
    entry.state = state
    entry.save(update_fields=["state"])
