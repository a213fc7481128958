"""Are people told by the way, and at the hour, that they want?"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from notifications import quiet
from notifications.messages import BY_CODE
from notifications.models import Delivery, Preference
from notifications.services.telling import choose_channel, tell_of_appointment, tell_patient
from notifications.tests.conftest import the_notification
from notifications.wishes import Wishes

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (dt.time(21), dt.time(8))
AT = dt.datetime(2026, 3, 2, 23, 0, tzinfo=BERLIN)
REMINDER, BOOKED = BY_CODE["appointment_reminder"], BY_CODE["appointment_booked"]


def wishes(**known):
    usual = {"channels": (), "declined": frozenset(), "quiet_from": NIGHT[0], "quiet_until": NIGHT[1], "zone": BERLIN}
    return Wishes(**{**usual, **known})


# -- quiet hours, without a database -----------------------------------------------------------------------------------


@given(st.integers(0, 365 * 24 * 60), st.times(), st.times())
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(minutes, begins, ends):
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    pause = quiet.until_disturbed(now, BERLIN, begins, ends)
    clock = now.astimezone(BERLIN).time()
    inside = begins <= clock < ends if begins <= ends else (clock >= begins or clock < ends)
    assert (pause is not None) == (inside and begins != ends)
    if pause is not None:
        over = (now + pause).astimezone(BERLIN)
        assert dt.timedelta() < pause <= dt.timedelta(hours=25)
        assert over.time() == ends or over.utcoffset() != now.astimezone(BERLIN).utcoffset()


def test_the_night_that_is_an_hour_longer_is_quiet_to_its_end():
    now = dt.datetime(2026, 10, 24, 22, 0, tzinfo=BERLIN)
    assert quiet.until_disturbed(now, BERLIN, *NIGHT) == dt.timedelta(hours=11)


def test_a_message_that_rings_waits_and_a_mail_or_an_urgent_one_does_not():
    asleep = wishes()
    assert asleep.pause(REMINDER, "sms", AT) == dt.timedelta(hours=9)
    assert asleep.pause(REMINDER, "email", AT) is None
    assert asleep.pause(BY_CODE["turn_near"], "sms", AT) is None
    assert asleep.pause(REMINDER, "sms", AT.replace(hour=12)) is None


def test_the_chosen_order_counts_else_the_learned_channel_comes_first():
    assert wishes(channels=("sms", "email")).order(BOOKED) == ["sms", "email"]
    assert wishes(channels=("pigeon",)).order(BOOKED) == list(BOOKED.channels), "a choice never leaves a person untold"
    assert wishes(learned_channel="whatsapp").order(BOOKED)[0] == "whatsapp"


def test_a_message_in_no_hurry_waits_for_the_hour_of_reading():
    learned = wishes(learned_hour=19)
    assert learned.best_moment(BY_CODE["follow_up_due"], AT) == dt.timedelta(hours=20)
    assert learned.best_moment(REMINDER, AT) == dt.timedelta()


# -- choosing ----------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(booked, monkeypatch, texts):
    """`told(message)`: what was chosen for Mira, who has a number and no mail, at a given moment."""
    chart = make.patient(phone="+919812345678")
    appointment = booked(
        patient=chart, starts_at=timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    )
    the_notification().delete()

    def tell(message, now, **preferred):
        if preferred:
            Preference(patient=chart, **preferred).save()
        if message == "follow_up_due":
            entry = tell_patient(message=message, patient=chart, about={"visit": appointment.id})
        else:
            entry = tell_of_appointment(message=message, appointment=appointment, version=appointment.version)
        choose_channel(notification_id=entry.id, now=now)
        entry.refresh_from_db()
        return entry

    return tell


def midnight():
    """The next one in Berlin, where the clinic is."""
    day = timezone.now().astimezone(BERLIN).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(0, 30), BERLIN)


def test_a_reminder_in_the_night_waits_for_the_morning(told):
    entry = told("appointment_reminder", midnight())
    assert (entry.state, Delivery.objects.count()) == ("queued", 0)
    with on_platform():
        (later,) = Job.objects.filter(name="notification.send", key__contains=f"{entry.id}:at.")
    assert abs((later.due_at - timezone.now()) - dt.timedelta(hours=7, minutes=30)) < dt.timedelta(minutes=1, hours=1)


def test_by_day_it_is_sent(told):
    entry = told("appointment_reminder", midnight() + dt.timedelta(hours=12))
    assert [turn.channel for turn in entry.deliveries.all()] == ["whatsapp"]


def test_whoever_chose_sms_gets_sms(told):
    entry = told("appointment_reminder", midnight() + dt.timedelta(hours=12), channels=["sms"])
    assert [turn.channel for turn in entry.deliveries.all()] == ["sms"]


def test_whoever_is_awake_at_night_is_told_at_night(told):
    entry = told("appointment_reminder", midnight(), quiet_from=dt.time(9), quiet_until=dt.time(17))
    assert [turn.channel for turn in entry.deliveries.all()] == ["whatsapp"]


def test_what_was_declined_is_not_sent_and_what_may_not_be_is(told):
    noon = midnight() + dt.timedelta(hours=12)
    assert told("appointment_reminder", noon, declined=["appointment_reminder", "appointment_booked"]).state == "declined"
    assert [turn.channel for turn in told("appointment_booked", noon).deliveries.filter(state="queued")] == ["whatsapp"]
