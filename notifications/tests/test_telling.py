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
from appointments.services.steps import cancel, confirm
from healthcare.core import breakers, dead_letters, jobs
from healthcare.core.delivery import Receipt, TryAgain, Undeliverable
from healthcare.core.delivery.registry import SENDERS
from healthcare.core.keystore import keys
from healthcare.core.languages import LANGUAGES, language_for
from healthcare.core.models import EventRecord, Job
from healthcare.core.spoken import zone_name
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from notifications import messages
from notifications.messages import MessageKind
from notifications.models import Delivery, Notification
from notifications.tests.conftest import owed, soon, the_notification
from patients.models import Patient

pytestmark = pytest.mark.django_db


class Provider:
    """A channel's sender that does as the test says; keeps what it took."""

    def __init__(self, channel="email"):
        self.channel, self.timeout = channel, 1.0
        self.taken, self.failures = [], []

    def send(self, message):
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message)
        return Receipt(f"p-{len(self.taken)}")


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    monkeypatch.setitem(SENDERS, "email", lambda: made)
    return made


def due_now():
    with on_platform():
        Job.objects.filter(state="ready").update(due_at=timezone.now() - dt.timedelta(seconds=1))


def channel_of(notification):
    return notification.deliveries.get(channel="email")


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


# -- once, and only while it is so -------------------------------------------------------------------------------------


def test_nothing_is_sent_twice_when_each_job_runs_twice(booked, work_off, provider):
    booked()
    work_off()
    with on_platform():
        Job.objects.update(state="ready")
    due_now()
    work_off()
    assert len(provider.taken) == 1
    assert (the_notification().state, channel_of(the_notification()).attempts) == ("sent", 1)


def test_a_channel_is_chosen_once_when_the_choice_runs_twice(booked, provider):
    booked()
    (choice,) = owed()
    jobs.run(choice.id)
    with on_platform():
        Job.objects.filter(id=choice.id).update(state="ready")
    jobs.run(choice.id)
    assert Delivery.objects.count() == 1
    assert len(owed(["email.send"])) == 1


def test_a_confirmation_of_a_time_that_was_moved_since_is_dropped(booked, work_off, provider):
    appointment = booked()
    reschedule(appointment=appointment, starts_at=soon() + dt.timedelta(hours=3), by=None, now=timezone.now())
    work_off()
    states = dict(Notification.objects.values_list("message", "state"))
    assert states == {"appointment_booked": "stale", "appointment_moved": "sent"}
    assert len(provider.taken) == 1


def test_a_message_that_becomes_stale_in_its_queue_is_dropped_there(booked, provider):
    appointment = booked()
    jobs.run(owed()[0].id)
    (turn,) = owed(["email.send"])
    cancel(appointment=appointment, by=None, now=timezone.now())
    jobs.run(turn.id)
    first = Notification.objects.get(message="appointment_booked")
    assert (first.state, channel_of(first).state, channel_of(first).error) == ("stale", "skipped", "stale")
    assert provider.taken == []


def test_a_step_that_changes_no_time_makes_no_message_stale(booked, work_off, provider):
    appointment = booked()
    confirm(appointment=appointment, by=None, now=timezone.now())
    work_off()
    assert (the_notification().state, len(provider.taken)) == ("sent", 1)


# -- when it fails -----------------------------------------------------------------------------------------------------


def test_a_provider_that_is_away_is_tried_again_with_the_same_key(booked, work_off, provider):
    provider.failures = [TryAgain("away"), TryAgain("smtp_451")]
    booked()
    work_off()
    turn = channel_of(the_notification())
    assert (turn.state, turn.attempts, turn.error) == ("queued", 1, "away")
    due_now()
    work_off()
    due_now()
    work_off()
    turn.refresh_from_db()
    assert (turn.state, turn.attempts, turn.error, the_notification().state) == ("sent", 3, "", "sent")
    assert [message.key for message in provider.taken] == [turn.key]


def test_a_refused_address_is_final(booked, work_off, provider):
    provider.failures = [Undeliverable("smtp_550")]
    booked()
    work_off()
    due_now()
    work_off()
    turn = channel_of(the_notification())
    assert (turn.state, turn.attempts, turn.error) == ("failed", 1, "smtp_550")
    assert (the_notification().state, provider.taken) == ("unreached", [])


def test_a_provider_that_stays_away_ends_as_failed_and_a_dead_job_that_can_be_requeued(booked, work_off, provider):
    provider.failures = [TryAgain("away")] * 5
    booked()
    work_off()
    for _ in range(5):
        due_now()
        work_off(["email.send"])
    turn = channel_of(the_notification())
    assert (turn.state, turn.attempts, turn.error) == ("failed", 6, "resting"), "five failures rest the provider"
    with on_platform():
        dead = Job.objects.get(name="email.send")
        assert dead.state == "dead"
    work_off()
    assert the_notification().state == "unreached"
    breakers.named("delivery.email").succeeded()  # the provider is back
    dead_letters.retry_dead(dead.id)
    work_off()
    turn.refresh_from_db()
    assert (turn.state, the_notification().state, len(provider.taken)) == ("sent", "sent", 1)


@pytest.fixture
def two_channels(monkeypatch, provider):
    """A second channel, set up for this test only, as the next one will be."""
    from notifications import contacts, tasks

    second = Provider("pigeon")
    monkeypatch.setitem(SENDERS, "pigeon", lambda: second)
    monkeypatch.setitem(contacts.FIELDS, "pigeon", "phone")
    monkeypatch.setitem(messages.BY_NAME, "pigeon", messages.Channel("pigeon", "pigeon.send", "notification", disturbs=False))
    monkeypatch.setitem(messages.BY_CODE, "appointment_booked", MessageKind("appointment_booked", ("email", "pigeon"), "x"))
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))
    jobs.job("pigeon.send", queue="notification", failed=tasks.note_failure)(tasks.send)
    return second


ALL = ("notification.send", "email.send", "pigeon.send")


def test_the_next_channel_has_its_turn_when_the_first_refuses(booked, work_off, provider, two_channels):
    provider.failures = [Undeliverable("smtp_550")]
    booked(patient=make.patient(email="mira@people.example", phone="+919812345678"))
    work_off(ALL)
    assert [message.to for message in two_channels.taken] == ["+919812345678"]
    assert dict(Delivery.objects.values_list("channel", "state")) == {"email": "failed", "pigeon": "sent"}
    assert the_notification().state == "sent"


def test_the_next_channel_has_its_turn_when_there_is_no_address_for_the_first(booked, work_off, provider, two_channels):
    booked(patient=make.patient(phone="+919812345678"))
    work_off(ALL)
    assert dict(Delivery.objects.values_list("channel", "state")) == {"email": "skipped", "pigeon": "sent"}


def test_the_next_channel_is_left_alone_when_the_first_got_through(booked, work_off, provider, two_channels):
    booked(patient=make.patient(email="mira@people.example", phone="+919812345678"))
    work_off(ALL)
    assert (len(provider.taken), two_channels.taken) == (1, [])


def test_a_channel_that_is_not_set_up_is_not_tried(booked, work_off, monkeypatch, mailoutbox):
    monkeypatch.setitem(SENDERS, "email", lambda: None)
    booked()
    work_off()
    assert (the_notification().state, Delivery.objects.count(), mailoutbox) == ("unreached", 0, [])


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
