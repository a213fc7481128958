"""Is a message sent once, only while it is so, and by the next channel where one fails?"""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.services.rescheduling import reschedule
from appointments.services.steps import cancel, confirm
from healthcare.core import breakers, dead_letters, jobs
from healthcare.core.delivery import TryAgain, Undeliverable
from healthcare.core.delivery.registry import SENDERS
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from notifications import messages
from notifications.messages import MessageKind
from notifications.models import Delivery, Notification
from notifications.tests.conftest import Provider, channel_of, due_now, owed, soon, the_notification

pytestmark = pytest.mark.django_db


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
