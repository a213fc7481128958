"""How does an appointment get into a person's calendar? One iCalendar event; the same UID moves or removes it later."""

import datetime as dt
from email.utils import parseaddr

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from healthcare.core.delivery import Attachment
from notifications.facts import Facts


def invitation(facts: Facts, *, method: str, version: int, title: str, now: dt.datetime) -> Attachment:
    """`method` is PUBLISH or CANCEL (RFC 5546); `version` orders the messages about one appointment."""
    appointment, sender = facts.appointment, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    event = Event()
    event.add("uid", f"{appointment.id}@{sender.rpartition('@')[2]}")
    event.add("sequence", version)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at.astimezone(dt.UTC))
    event.add("dtend", appointment.ends_at.astimezone(dt.UTC))
    event.add("summary", title)
    event.add("location", ", ".join(part for part in (facts.place, facts.address) if part))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{sender}")
    organizer.params["cn"] = vText(facts.clinic.name)
    event["organizer"] = organizer
    calendar = Calendar()
    for name, value in (("prodid", "-//healthcare//appointments//EN"), ("version", "2.0"), ("method", method)):
        calendar.add(name, value)
    calendar.add_component(event)
    return Attachment("appointment.ics", calendar.to_ical(), f"text/calendar; method={method}; charset=utf-8")
