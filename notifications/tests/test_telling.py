"""Is the patient of an appointment told of it, once, in the right words and time, and nobody else?"""

import datetime as dt
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from accounts.roles import Role
from appointments.models import Practitioner
from appointments.services.rescheduling import reschedule
from appointments.services.steps import cancel
from healthcare.core.delivery import TryAgain, Undeliverable
from healthcare.core.delivery.registry import SENDERS
from healthcare.core.keystore import keys
from healthcare.core.languages import LANGUAGES, language_for
from healthcare.core.models import EventRecord, Job
from healthcare.core.spoken import zone_name
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from notifications import messages
from notifications.models import Delivery, Notification
from notifications.tests.conftest import channel_of, due_now, owed, soon, the_notification
from patients.models import Patient

pytestmark = pytest.mark.django_db


# -- booked, moved, cancelled ------------------------------------------------------------------------------------------


def test_a_booking_enters_the_ledger_in_the_same_transaction_and_is_mailed_by_a_job(booked, asha, work_off, mailoutbox):
    appointment = booked()
    notification = the_notification()
    assert (notification.message, notification.state) == ("appointment_booked", "queued")
    assert notification.subject_ids == {"appointment": str(appointment.id)}
    assert notification.patient.user_id == asha.user_id
    assert [row.name for row in owed()] == ["notification.send"]
    assert mailoutbox == []
    assert work_off() == 2
    (mail,) = mailoutbox
    assert mail.to == ["asha@people.example"]
    notification.refresh_from_db()
    assert notification.state == "sent"
    turn = channel_of(notification)
    assert (turn.state, turn.attempts, turn.error) == ("sent", 1, "")
    assert turn.provider_id == mail.extra_headers["Message-ID"]


def test_the_jobs_are_on_their_queues_and_keyed(booked, work_off, mailoutbox, in_north):
    booked()
    notification = the_notification()
    work_off()
    with on_platform():
        rows = {row.name: (row.queue, row.key) for row in Job.objects.filter(name__in=["notification.send", "email.send"])}
    assert rows == {
        "notification.send": ("notification", f"notification.send:{notification.id}"),
        "email.send": ("email", f"{in_north.id.hex}:{notification.id}:email"),
    }


def test_the_mail_has_text_html_and_a_calendar_entry(booked, work_off, mailoutbox):
    appointment = booked()
    work_off()
    mail = message_from_bytes(mailoutbox[0].message().as_bytes(), policy=policy.default)
    body, attached = mail.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in body.iter_parts())
    assert "Hello Asha," in text
    assert "Hello Asha," in html
    assert attached.get_content_type() == "text/calendar"
    calendar = Calendar.from_ical(attached.get_content())
    (event,) = calendar.walk("VEVENT")
    assert calendar["method"] == "PUBLISH"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (appointment.starts_at, appointment.ends_at)
    assert str(event["uid"]).startswith(str(appointment.id))
    assert (str(event["status"]), int(event["sequence"]), str(event["location"])) == ("CONFIRMED", 1, "North Clinic")


def test_nothing_of_the_chart_is_in_the_mail(booked, work_off, mailoutbox):
    booked(reason="headache since Monday")
    work_off()
    raw = mailoutbox[0].message().as_string()
    parts = [p.get_content() for p in message_from_bytes(raw.encode(), policy=policy.default).walk() if not p.is_multipart()]
    said = "".join(part if isinstance(part, str) else part.decode() for part in parts) + raw
    assert "headache" not in said
    assert "consultation" not in said.lower()
    assert "Rao" not in said


def test_html_in_a_name_stays_text(booked, work_off, mailoutbox, doctor):
    patient = make.patient(first_name="<b>Mira</b>", email="mira@people.example")
    booked(patient=patient)
    work_off()
    mail = mailoutbox[0]
    assert "Hello &lt;b&gt;Mira&lt;/b&gt;," in mail.alternatives[0][0]
    assert "Hello <b>Mira</b>," in mail.body


def test_the_time_is_that_of_the_place(south, mailoutbox, work_off):
    """South is in Kolkata: 04:30 UTC is 10:00 there."""
    start = (timezone.now() + dt.timedelta(days=2)).replace(hour=4, minute=30, second=0, microsecond=0)
    with in_clinic(south):
        patient = make.patient(email="mira@people.example")
        book_there(patient, make.practitioner(), start)
        work_off()
    local = start.astimezone(ZoneInfo("Asia/Kolkata"))
    assert f"{local:%Y}, 10:00 (IST)" in mailoutbox[0].body
    assert f", {local.day} {local:%B %Y}, 10:00" in mailoutbox[0].subject


def book_there(patient, practitioner, start):
    from appointments.services.booking import book

    return book(kind="consultation", patient=patient, practitioner=practitioner, starts_at=start, by=None, now=timezone.now())


@pytest.mark.parametrize(
    ("zone", "shown"), [("Asia/Kolkata", "IST"), ("Asia/Kathmandu", "UTC+05:45"), ("America/Sao_Paulo", "UTC-03:00")]
)
def test_a_zone_without_letters_is_shown_by_its_offset(zone, shown):
    assert zone_name(dt.datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(zone))) == shown


def test_a_person_is_told_in_their_language(booked, work_off, mailoutbox):
    patient = make.patient(first_name="मीरा", email="mira@people.example", language="hi")
    appointment = booked(patient=patient)
    work_off()
    mail = mailoutbox[0]
    assert "नमस्ते मीरा," in mail.body
    assert mail.extra_headers["Content-Language"] == "hi"
    assert str(appointment.starts_at.year) in mail.subject
    assert not any(name in mail.subject for name in ("Monday", "November", "December", "January"))


@pytest.mark.parametrize(
    ("wished", "language"), [(("hi",), "hi"), (("hi-IN",), "hi"), (("xx", "hi"), "hi"), (("xx", "yy"), "en"), (("",), "en")]
)
def test_a_language_without_words_gives_way_to_the_next(wished, language):
    assert language_for(*wished) == language


def test_a_patient_without_an_account_is_told_at_the_charts_address(booked, work_off, mailoutbox):
    booked(patient=make.patient(email="mira@people.example"))
    work_off()
    assert [mail.to for mail in mailoutbox] == [["mira@people.example"]]


def test_the_accounts_address_counts_before_the_charts(booked, asha, work_off, mailoutbox):
    booked()
    with on_platform():
        user = User.objects.get(pk=asha.user_id)
        user.email = "asha.new@people.example"
        user.save()
    work_off()
    assert [mail.to for mail in mailoutbox] == [["asha.new@people.example"]]


def test_nobody_is_written_to_at_an_account_that_is_closed(booked, asha, work_off, mailoutbox):
    booked()
    with on_platform():
        User.objects.filter(pk=asha.user_id).update(is_active=False)
    chart = Patient.objects.get(user=asha.user_id)
    chart.email = "desk@people.example"
    chart.save()
    work_off()
    assert [mail.to for mail in mailoutbox] == [["desk@people.example"]]


def test_who_has_no_address_is_noted_as_not_reached(booked, work_off, mailoutbox):
    booked(patient=make.patient(phone="+919812345678"))
    work_off()
    notification = the_notification()
    assert (notification.state, channel_of(notification).state, channel_of(notification).error) == (
        "unreached",
        "skipped",
        "no_address",
    )
    assert mailoutbox == []
    with on_platform():
        assert EventRecord.objects.filter(name="NotificationUnreached").count() == 1


def test_whose_key_was_destroyed_is_not_reached(booked, work_off, mailoutbox):
    patient = make.patient(email="mira@people.example")
    booked(patient=patient)
    keys.destroy(patient.seal_scope())
    work_off()
    assert (the_notification().state, mailoutbox) == ("unreached", [])


def test_a_move_tells_the_new_time_and_moves_the_calendar_entry(booked, work_off, mailoutbox):
    appointment = booked()
    work_off()
    moved = reschedule(appointment=appointment, starts_at=soon() + dt.timedelta(hours=3), by=None, now=timezone.now())
    work_off()
    first, second = (Calendar.from_ical(mail.attachments[0].content).walk("VEVENT")[0] for mail in mailoutbox)
    assert [mail.subject.split(" at ")[0] for mail in mailoutbox] == ["Your appointment", "New time for your appointment"]
    assert second["uid"] == first["uid"]
    assert int(second["sequence"]) > int(first["sequence"])
    assert second.decoded("dtstart") == moved.starts_at


def test_a_cancellation_takes_the_calendar_entry_away(booked, work_off, mailoutbox):
    appointment = booked()
    work_off()
    cancel(appointment=appointment, by=None, now=timezone.now())
    work_off()
    calendar = Calendar.from_ical(mailoutbox[1].attachments[0].content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["method"], str(event["status"])) == ("CANCEL", "CANCELLED")
    assert mailoutbox[1].subject.startswith("Cancelled: ")


# -- what must not leak ------------------------------------------------------------------------------------------------


def test_nothing_of_a_person_is_in_job_rows_events_ledger_or_log(booked, work_off, caplog, provider):
    caplog.set_level("DEBUG")
    provider.failures = [TryAgain("away"), Undeliverable("smtp_550")]
    patient = make.patient(
        first_name="Canaryfirst", last_name="Canarylast", email="canary@people.example", phone="+919812345678"
    )
    booked(patient=patient, reason="canaryreason")
    work_off()
    due_now()
    work_off()
    with on_platform():
        rows = [*Job.objects.values(), *EventRecord.objects.values()]
    rows += [*Notification.objects.values(), *Delivery.objects.values()]
    kept = "".join(map(str, rows)).lower()
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records).lower()
    assert "job.failed" in logged
    for secret in ("canary", "9812345678"):
        assert secret not in kept
        assert secret not in logged


def test_every_message_has_its_words_in_every_language_and_form():
    from django.template.loader import get_template

    for code in (*messages.BY_CODE, "superseded"):
        for form in ("sms.txt",) if code == "superseded" else ("email.html", "email.txt", "sms.txt"):
            for language in LANGUAGES:
                assert get_template(f"notifications/{code}/{form}/{language}")


def test_every_channel_named_by_a_message_has_a_row_a_sender_and_an_address():
    from notifications.contacts import FIELDS

    for kind in messages.MESSAGES:
        for channel in kind.channels:
            assert channel in messages.BY_NAME
            assert channel in FIELDS or channel == "push"
            assert channel in SENDERS


def test_a_doctor_of_another_place_is_named_as_on_the_door(booked, work_off, mailoutbox):
    doctor = make.practitioner(name="Ines Okafor", title="Dr")
    booked(practitioner=doctor)
    work_off()
    assert "With: Dr Ines Okafor" in mailoutbox[0].body
    assert Practitioner.objects.count() == 2


def test_staff_are_told_through_their_account(in_north, booked):
    """A recipient without a chart: the constraint wants exactly one of chart and account."""
    from django.db import IntegrityError, transaction

    nurse = make.member(Role.NURSE, in_north)
    Notification(user_id=nurse.user_id, message="appointment_booked", language="en").save()
    with pytest.raises(IntegrityError, match="notification_one_recipient"), transaction.atomic():
        Notification(message="appointment_booked", language="en").save()
    with pytest.raises(IntegrityError, match="notification_one_recipient"), transaction.atomic():
        Notification(user_id=nurse.user_id, patient=make.patient(), message="appointment_booked", language="en").save()
