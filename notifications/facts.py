"""What is true of the things that messages speak of? Loaded at once for a page, in the time of the place."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import dateformat, translation

from appointments.models import Appointment
from appointments.workflow import HOLDS_TIME
from clinics.models import Location
from healthcare.core.spoken import zone_name
from healthcare.core.tenancy import clinic_or_none
from notifications import subjects
from notifications.ledger import Entry
from notifications.messages import BY_CODE
from notifications.models import APPOINTMENT, Notification

WHEN = "l, j F Y, H:i"
PLATFORM_NAME = "Healthcare platform"


@dataclass(frozen=True)
class Facts:
    """What one message may say: of its appointment no kind, no reason, nothing of the chart.

    `told_version` is the newest version of the appointment that anybody was told of; `more` what its other subjects add.
    """

    clinic: Any
    appointment: Appointment | None = None
    location: Location | None = None
    told_version: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)
    missing: bool = False  # something it speaks of is not there (any more)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.location.zone if self.location else self.clinic.zone if self.clinic else "UTC")

    @property
    def place(self) -> str:
        return self.location.name if self.location else self.name

    @property
    def address(self) -> str:
        return self.location.address if self.location else ""

    @property
    def name(self) -> str:
        return str(self.clinic.name) if self.clinic else PLATFORM_NAME

    def stale_for(self, entry: Entry) -> bool:
        """Something newer was told, or it announces what is no longer so."""
        if self.missing:
            return True
        if self.appointment is None:
            return False
        superseded = self.told_version > (entry.appointment_version or 0)
        return superseded or (BY_CODE[entry.message].needs_live and self.appointment.state not in HOLDS_TIME)

    def superseded(self, entry: Entry) -> bool:
        return self.told_version > (entry.appointment_version or 0)

    def words(self, language: str) -> dict[str, str]:
        """What templates may say."""
        said = {"clinic": self.name, "place": self.place, "address": self.address}
        if self.appointment is not None:
            starts_at = self.appointment.starts_at
            said |= {"when": self._instant(starts_at, language), "zone": zone_name(starts_at.astimezone(self.zone))}
            said["practitioner"] = str(self.appointment.practitioner)
        return said | {name: self._plain(value, language) for name, value in self.more.items()}

    def _plain(self, value: Any, language: str) -> str:
        if isinstance(value, dt.datetime):
            return f"{self._instant(value, language)} ({zone_name(value.astimezone(self.zone))})"
        return str(value)

    def _instant(self, value: dt.datetime, language: str) -> str:
        with translation.override(language):
            return dateformat.format(value.astimezone(self.zone), WHEN)


def load(entries: Iterable[Any]) -> dict[Any, Facts]:
    """Facts by the entry's id; the same number of queries for any number of entries."""
    rows, clinic = list(entries), clinic_or_none()
    appointments, places, told = _appointments({e.appointment_id for e in rows if e.appointment_id})
    more = subjects.load(rows)
    found = {}
    for entry in rows:
        appointment = appointments.get(entry.appointment_id or "")
        location = places.get(appointment.location_id) if appointment else None
        expected = bool(entry.appointment_id) or BY_CODE[entry.message].needs_live
        missing = (expected and appointment is None) or more[entry.pk] is None
        version = told.get(entry.appointment_id or "") or 0
        found[entry.pk] = Facts(clinic, appointment, location, version, more[entry.pk] or {}, missing)
    return found


def of(entry: Any) -> Facts:
    return load([entry])[entry.pk]


def newest_version(appointment_id: Any) -> int:
    """Of what anybody was told about the appointment; 0 before."""
    rows = Notification.objects.about_appointments([appointment_id])
    return rows.aggregate(newest=Max("appointment_version"))["newest"] or 0


def _appointments(ids: set[str]) -> tuple[dict[str, Appointment], dict[Any, Location], dict[str, int]]:
    if not ids:
        return {}, {}, {}
    rows = list(Appointment.objects.filter(id__in=ids).select_related("practitioner"))
    places = {place.id: place for place in Location.objects.filter(id__in={a.location_id for a in rows})}
    told = (
        Notification.objects.about_appointments(ids)
        .values_list(APPOINTMENT)
        .annotate(newest=Max("appointment_version"))
        .order_by()
    )
    return {str(a.id): a for a in rows}, places, dict(told)
