"""How is an appointment written in a calendar (RFC 5545)? One event; the same UID moves or removes it later.

Calendars are read by phones, families and employers: neither kind, reason nor the other person's name is in them. Instants are
UTC, the one way in which the second 01:30 of an autumn night can be told from the first.
"""

import datetime as dt
from collections.abc import Iterable
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from icalendar import Calendar, Event

from appointments.models import Appointment
from appointments.workflow import State
from healthcare.core.tenancy import current_clinic

STATUS = {State.PENDING: "TENTATIVE", State.CANCELLED: "CANCELLED", State.EXPIRED: "CANCELLED"}


def uid(appointment_id: UUID) -> str:
    """The same in mails, files, feeds and calendars, so that none shows an appointment twice."""
    return f"{appointment_id}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}"


def event(
    row: Appointment, *, title: str, place: str, stamp: dt.datetime, version: int | None = None, status: str = ""
) -> Event:
    """`stamp` is when it came to be so; `version` orders what is said of one appointment; `status` is what is said where that
    is not what the appointment's state says by now."""
    made = Event()
    made.add("uid", uid(row.id))
    made.add("sequence", row.version if version is None else version)
    made.add("dtstamp", stamp)
    made.add("dtstart", row.starts_at.astimezone(dt.UTC))
    made.add("dtend", row.ends_at.astimezone(dt.UTC))
    made.add("summary", title)
    made.add("location", place)
    made.add("status", status or STATUS.get(State(row.state), "CONFIRMED"))
    return made


def calendar(events: Iterable[Event], *, method: str = "", name: str = "") -> bytes:
    """A calendar object; `name` is what a subscriber's list calls it."""
    made = Calendar()
    made.add("prodid", "-//healthcare//appointments//EN")
    made.add("version", "2.0")
    if method:
        made.add("method", method)
    if name:
        made.add("name", name)
        made.add("x-wr-calname", name)
        made.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
    for one in events:
        made.add_component(one)
    return bytes(made.to_ical())


def discreet(row: Appointment, *, stamp: dt.datetime) -> Event:
    """For a calendar that anybody may look at: where and when."""
    clinic = current_clinic()
    return event(row, title=f"Appointment at {clinic.name}", place=clinic.name, stamp=stamp)
