"""What reaches a person best, and when do they read? Counted from their ledger; used where they have chosen nothing."""

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from notifications.ledger import TurnState
from notifications.models import Notification, Preference
from notifications.services.preferring import locked
from notifications.wishes import zone_of

LEARN = "preference.learn"
SINCE = dt.timedelta(days=180)
SOON = dt.timedelta(hours=24)  # read within: the channel did it
ENOUGH = 3  # messages before anything is believed
ARRIVED = (TurnState.SENT, TurnState.DELIVERED)


@transaction.atomic
def learn(*, notification_id: UUID, now: dt.datetime) -> Preference | None:
    """Learn anew from everything the recipient of this entry was told lately. None where that is too little."""
    entry = Notification.objects.select_related("patient").get(pk=notification_id)
    whom: dict[str, Any] = {"patient_id": entry.patient_id} if entry.patient_id else {"user_id": entry.user_id}
    told = list(Notification.objects.filter(created_at__gte=now - SINCE, **whom).for_page())
    channel, hour = best_channel(told), best_hour(told, zone_of(entry))
    if channel is None and hour is None:
        return None
    row = locked(Preference.objects.filter(**whom).first() or Preference(**whom))
    if (row.learned_channel, row.learned_hour) != (channel or "", hour):
        row.learned_channel, row.learned_hour, row.learned_at = channel or "", hour, now
        row.save()
    return row


def best_channel(told: list[Notification]) -> str | None:
    """The channel whose messages are read soonest most often, of those that were used often enough."""
    sent: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for entry in told:
        for turn in entry.deliveries.all():
            if turn.state in ARRIVED:
                sent[turn.channel] += 1
                read[turn.channel] += bool(entry.read_at and entry.read_at - turn.at <= SOON)
    rates = {channel: read[channel] / number for channel, number in sent.items() if number >= ENOUGH and read[channel]}
    return max(sorted(rates), key=lambda channel: rates[channel]) if rates else None


def best_hour(told: list[Notification], zone: ZoneInfo) -> int | None:
    """The hour of the day in which most is read."""
    hours = Counter(entry.read_at.astimezone(zone).hour for entry in told if entry.read_at)
    if hours.total() < ENOUGH:
        return None
    return max(sorted(hours), key=lambda hour: hours[hour])
