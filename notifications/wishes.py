"""How does this person want to be told? What they chose, else what was learned, else what message and clinic say."""

import datetime as dt
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import User
from healthcare.core.tenancy import clinic_or_none, on_platform
from notifications import quiet
from notifications.messages import BY_NAME, MessageKind
from notifications.models import Preference
from notifications.policy import policy_of


class Wishes(NamedTuple):
    channels: tuple[str, ...]  # empty: none chosen
    declined: frozenset[str]
    quiet_from: dt.time
    quiet_until: dt.time
    zone: ZoneInfo
    learned_channel: str = ""
    learned_hour: int | None = None

    def order(self, kind: MessageKind) -> list[str]:
        """The kind's channels as the person ranks them. A chosen order leaves out what was not chosen, but never everything."""
        chosen = [channel for channel in self.channels if channel in kind.channels]
        if chosen:
            return chosen
        return sorted(kind.channels, key=lambda channel: channel != self.learned_channel)

    def wants(self, kind: MessageKind) -> bool:
        return not (kind.may_be_declined and kind.code in self.declined)

    def pause(self, kind: MessageKind, channel: str, now: dt.datetime) -> dt.timedelta | None:
        """For how long this channel is to be left alone now; None: it may be used."""
        if kind.urgent or not BY_NAME[channel].disturbs:
            return None
        return quiet.until_disturbed(now, self.zone, self.quiet_from, self.quiet_until)

    def best_moment(self, kind: MessageKind, now: dt.datetime) -> dt.timedelta:
        """How long a message that may wait waits for the hour at which the person reads."""
        if not kind.may_wait or self.learned_hour is None:
            return dt.timedelta()
        return quiet.until_hour(now, self.zone, self.learned_hour)


def wishes_of(entry: Any) -> Wishes:
    """Of who is told by this entry, in its clinic; on the platform people have chosen nothing."""
    clinic = clinic_or_none()
    policy, zone = policy_of(clinic), zone_of(entry)
    row = preference_of(entry) if clinic else None
    if row is None:
        return Wishes((), frozenset(), policy.quiet_from, policy.quiet_until, zone)
    begins, ends = row.quiet_from or policy.quiet_from, row.quiet_until or policy.quiet_until
    learned = (row.learned_channel, row.learned_hour)
    return Wishes(tuple(row.channels), frozenset(row.declined), begins, ends, zone, *learned)


def preference_of(entry: Any) -> Preference | None:
    recipient = {"patient": entry.patient_id} if entry.patient_id else {"user_id": entry.user_id}
    return Preference.objects.filter(**recipient).first()


def zone_of(entry: Any) -> ZoneInfo:
    """The zone of who is told: their account's, else the clinic's."""
    clinic = clinic_or_none()
    own = ""
    if entry.account_id is not None:
        with on_platform():
            own = User.objects.filter(pk=entry.account_id).values_list("zone", flat=True).first() or ""
    return ZoneInfo(own or (clinic.zone if clinic else "UTC"))
