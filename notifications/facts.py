"""What is true of the appointments that messages speak of? Loaded at once for a page, in the time of the place."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import dateformat, translation

from appointments.models import Appointment
from appointments.workflow import HOLDS_TIME
from clinics.models import Location
from healthcare.core.tenancy import current_clinic
from notifications.messages import BY_CODE
from notifications.models import APPOINTMENT, Notification

WHEN = "l, j F Y, H:i"


@dataclass(frozen=True)
class Facts:
    """One appointment as its messages see it: no kind, no reason, nothing of the chart.

    `told_version` is the newest version that anybody was told of.
    """

    appointment: Appointment
    clinic: Any
    location: Location | None
    told_version: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.location.zone if self.location else self.clinic.zone)

    @property
    def starts_at(self) -> dt.datetime:
        return self.appointment.starts_at.astimezone(self.zone)

    @property
    def place(self) -> str:
        return self.location.name if self.location else self.clinic.name

    @property
    def address(self) -> str:
        return self.location.address if self.location else ""

    def stale_for(self, notification: Notification) -> bool:
        """Something newer was told, or it announces a time that the appointment no longer holds."""
        superseded = self.told_version > (notification.appointment_version or 0)
        return superseded or (BY_CODE[notification.message].needs_live and self.appointment.state not in HOLDS_TIME)

    def words(self, language: str) -> dict[str, str]:
        """What templates may say."""
        with translation.override(language):
            when = dateformat.format(self.starts_at, WHEN)
        return {
            "clinic": self.clinic.name,
            "when": when,
            "zone": zone_name(self.starts_at),
            "practitioner": str(self.appointment.practitioner),
            "place": self.place,
            "address": self.address,
        }


def zone_name(local: dt.datetime) -> str:
    """`IST`, `CEST`; where a zone has no letters, `UTC+05:45`."""
    name = local.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:]


def load(notifications: Iterable[Notification]) -> dict[str, Facts]:
    """Facts by appointment id, three queries for any number of notifications."""
    ids = {n.appointment_id for n in notifications if n.appointment_id}
    if not ids:
        return {}
    appointments = list(Appointment.objects.filter(id__in=ids).select_related("practitioner"))
    places = {place.id: place for place in Location.objects.filter(id__in={a.location_id for a in appointments})}
    told = dict(
        Notification.objects.about_appointments(ids)
        .values_list(APPOINTMENT)
        .annotate(newest=Max("appointment_version"))
        .order_by()
    )
    clinic = current_clinic()
    return {str(a.id): Facts(a, clinic, places.get(a.location_id), told.get(str(a.id)) or 0) for a in appointments}
