"""What does a mail program get over SMTP, from booking to cancellation? Whole MIME, one calendar entry, a way out."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from appointments.services.rescheduling import reschedule
from appointments.services.steps import cancel
from healthcare.tests import make
from healthcare.tests.postbox import postbox
from notifications.models import Delivery, Preference
from notifications.services.reminding import remind
from notifications.tests.conftest import soon

pytestmark = pytest.mark.django_db
CLINIC = "https://clinic.example"
SHORTEST = b"\r\n", 998  # RFC 5322 2.1.1: what ends a line, and the octets before it


@pytest.fixture
def inbox(settings):
    settings.BASE_URL = CLINIC
    with postbox(settings) as box:
        yield box


def entry_in(mail):
    """The event of the mail's one attachment, and the calendar's method, as a calendar library reads them."""
    (attached,) = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "appointment.ics")
    calendar = Calendar.from_ical(attached.get_content())
    assert attached["Content-Type"].params["method"] == str(calendar["method"])  # RFC 6047 2.4
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), event


def test_what_a_mail_program_gets_is_whole(inbox, in_north, booked, work_off):
    patient = make.patient(first_name="आशा", email="asha@people.example")
    Preference(patient=patient, channels=["email"], quiet_from=dt.time(0), quiet_until=dt.time(0)).save()
    row = booked(patient=patient)
    work_off()
    moved = reschedule(appointment=row, starts_at=soon() + dt.timedelta(hours=3), by=None, now=timezone.now())
    work_off()
    remind(appointment_id=row.id, version=moved.version, minutes=120, now=timezone.now())
    work_off()
    cancel(appointment=moved, by=None, now=timezone.now())
    work_off()

    mails = [mail for _, mail in inbox.mails]
    about = [mail["Subject"].split(" at ")[0].split(":")[0] for mail in mails]
    assert about == ["Your appointment", "New time for your appointment", "Reminder", "Cancelled"]
    # MIME
    for (to, mail), raw in zip(inbox.mails, inbox.raw, strict=True):
        ending, longest = SHORTEST
        assert raw.isascii() or b"8bit" in raw
        assert raw.partition(ending * 2)[0].isascii()
        assert max(map(len, raw.split(ending))) <= longest
        assert (to, mail["To"], mail["MIME-Version"]) == (["asha@people.example"], "asha@people.example", "1.0")
        assert (mail["From"], mail["Auto-Submitted"]) == ("Clinic <no-reply@healthcare.example>", "auto-generated")
        assert abs(mail["Date"].datetime.replace(tzinfo=dt.UTC) - timezone.now()) < dt.timedelta(minutes=10)
        assert [part.defects for part in mail.walk() if part.defects] == []
        text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert "आशा" in text
        assert "आशा" in html
    ids = [mail["Message-ID"] for mail in mails]
    assert sorted(ids) == sorted(Delivery.objects.filter(state="sent").values_list("provider_id", flat=True))
    # the calendar's entry: one, that moves and goes
    said = [entry_in(mails[n]) for n in (0, 1, 3)]
    assert [method for method, _ in said] == ["PUBLISH", "PUBLISH", "CANCEL"]
    events = [event for _, event in said]
    assert [event.decoded("dtstart") for event in events] == [row.starts_at, moved.starts_at, moved.starts_at]
    assert [event.decoded("dtend") for event in events] == [row.ends_at, moved.ends_at, moved.ends_at]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {str(event["uid"]) for event in events} == {f"{row.id}@healthcare.example"}
    orders = [int(event["sequence"]) for event in events]
    assert orders == sorted(set(orders))
    assert {str(event["organizer"]) for event in events} == {"mailto:no-reply@healthcare.example"}
    assert [str(event["location"]) for event in events] == ["North Clinic"] * 3
    assert list(mails[2].iter_attachments()) == []
    # the way out: of the reminder, by one click of the mail program; what must be known has none
    assert [mail["List-Unsubscribe"] is not None for mail in mails] == [False, False, True, False]
    link = mails[2]["List-Unsubscribe"].strip(" <>")  # folded, so it begins with a space
    assert (link.startswith(f"{CLINIC}/"), mails[2]["List-Unsubscribe-Post"]) == (True, "List-Unsubscribe=One-Click")
    asked = Client(enforce_csrf_checks=True).post(link.removeprefix(CLINIC), {"List-Unsubscribe": "One-Click"})
    assert asked.status_code == 200
    assert Preference.objects.get(patient=patient).declined == ["appointment_reminder"]
