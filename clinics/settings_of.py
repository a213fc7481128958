"""On which settings does a clinic work? The one function for every app above; it costs no query.

    settings_here().for_kind("consultation").length_minutes
    settings_of(clinic).notifications.reminders_minutes

None means "not stated": whoever reads it then takes the value of the kind or of the installation. Who wins over whom for
appointments is written in `appointments/plugins/terms.py` and nowhere else.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinics.models import Clinic
from healthcare.core.tenancy import current_clinic

MAIN = ("zone", "currency", "language", "languages")  # columns of the clinic's own, because everybody reads them
REMINDERS = (24 * 60, 2 * 60)


@dataclass(frozen=True, slots=True)
class KindTerms:
    """What a clinic says of one kind of appointment, in minutes and days; the price in the clinic's currency."""

    length_minutes: int | None = None
    price: Decimal | None = None
    buffer_minutes: int | None = None
    notice_minutes: int | None = None
    horizon_days: int | None = None


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    merge_rule: str | None = None  # None: the installation's, settings.QUEUE_MERGE_RULE
    grace_minutes: int | None = None  # how late a booked patient may come and keep the booked place


@dataclass(frozen=True, slots=True)
class NotificationPolicy:
    """When people are reminded, in minutes before the appointment (none: never), and when nobody is disturbed.

    Quiet hours are wall-clock times in the person's zone, over midnight if `quiet_until` is before `quiet_from`; they hold for
    who has chosen none.
    """

    reminders_minutes: tuple[int, ...] = REMINDERS
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What is opened, as (role, permission), to clinical roles that have it for their own patients, for all of the clinic's."""

    opened: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ClinicSettings:
    version: int
    zone: str
    currency: str
    language: str
    languages: tuple[str, ...]
    kinds: Mapping[str, KindTerms] | None = None  # None: every kind there is
    buffer_minutes: int | None = None
    notice_minutes: int | None = None
    horizon_days: int | None = None
    hours: tuple[Mapping[str, Any], ...] = ()  # of locations that state none
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    notifications: NotificationPolicy = field(default_factory=NotificationPolicy)
    access: AccessPolicy = AccessPolicy()

    def offers(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds

    def for_kind(self, kind: str) -> KindTerms:
        """What the clinic says of the kind: of this kind if it does, else of all."""
        own = (self.kinds or {}).get(kind, KindTerms())
        return KindTerms(
            length_minutes=own.length_minutes,
            price=own.price,
            buffer_minutes=_first(own.buffer_minutes, self.buffer_minutes),
            notice_minutes=_first(own.notice_minutes, self.notice_minutes),
            horizon_days=_first(own.horizon_days, self.horizon_days),
        )


def settings_of(clinic: Clinic) -> ClinicSettings:
    """The settings of a clinic as the given row has them; read once for each row in memory."""
    known: tuple[int, ClinicSettings] | None = clinic.__dict__.get("_settings")
    if known is None or known[0] != clinic.version:
        known = clinic.__dict__["_settings"] = clinic.version, read(document_of(clinic), clinic.settings_version)
    return known[1]


def settings_here() -> ClinicSettings:
    """Those of the current clinic. Raises NoClinic outside one."""
    return settings_of(current_clinic())


def document_of(clinic: Clinic) -> dict[str, Any]:
    """Everything, JSON-ready, as the API shows it and the history keeps it."""
    return {**{name: getattr(clinic, name) for name in MAIN}, **EMPTY, **clinic.terms}


def read(document: Mapping[str, Any], version: int) -> ClinicSettings:
    kinds, told, queue = document["kinds"], document["notifications"], document["queue"]
    opened = ((row["role"], permission) for row in document["access"]["opened"] for permission in row["permissions"])
    return ClinicSettings(
        version=version,
        **{
            name: document[name]
            for name in ("zone", "currency", "language", "buffer_minutes", "notice_minutes", "horizon_days")
        },
        languages=tuple(document["languages"]),
        kinds=None if kinds is None else {row["kind"]: _kind(row) for row in kinds},
        hours=tuple(document["hours"]),
        queue=QueuePolicy(**queue),
        notifications=NotificationPolicy(
            reminders_minutes=tuple(told["reminders_minutes"]),
            quiet_from=_time(told["quiet_from"]),
            quiet_until=_time(told["quiet_until"]),
        ),
        access=AccessPolicy(frozenset(opened)),
    )


# what a clinic works on that never said anything
EMPTY: dict[str, Any] = {
    "kinds": None,
    "buffer_minutes": None,
    "notice_minutes": None,
    "horizon_days": None,
    "hours": [],
    "queue": {"merge_rule": None, "grace_minutes": None},
    "notifications": {"reminders_minutes": list(REMINDERS), "quiet_from": None, "quiet_until": None},
    "access": {"opened": []},
}


def _kind(row: Mapping[str, Any]) -> KindTerms:
    price = None if row["price"] is None else Decimal(row["price"])
    return KindTerms(row["length_minutes"], price, row["buffer_minutes"], row["notice_minutes"], row["horizon_days"])


def _time(text: str | None) -> dt.time | None:
    return None if text is None else dt.time.fromisoformat(text)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
