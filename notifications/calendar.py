"""How does an appointment get from a mail into a person's calendar? The same entry as in files and feeds, with who sent it."""

import datetime as dt
from email.utils import parseaddr

from django.conf import settings
from icalendar import vCalAddress, vText

from appointments.calendars import entries
from healthcare.core.delivery import Attachment
from notifications.facts import Facts


def invitation(facts: Facts, *, method: str, version: int, title: str, now: dt.datetime) -> Attachment:
    """`method` is PUBLISH or CANCEL (RFC 5546); `version` orders the messages about one appointment."""
    assert facts.appointment is not None, "what has a calendar entry is about an appointment"
    place = ", ".join(part for part in (facts.place, facts.address) if part)
    status = "CANCELLED" if method == "CANCEL" else "CONFIRMED"
    event = entries.event(facts.appointment, title=title, place=place, stamp=now, version=version, status=status)
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["cn"] = vText(facts.clinic.name)
    event["organizer"] = organizer
    content = entries.calendar([event], method=method)
    return Attachment("appointment.ics", content, f"text/calendar; method={method}; charset=utf-8")
