"""Does a provider that takes calls and never answers hold up nobody but its own channel?"""

import datetime as dt

import pytest

from healthcare.core import breakers, jobs
from healthcare.tests import make
from notifications.models import Delivery, Notification, Preference
from notifications.tests.conftest import due_now, owed

pytestmark = pytest.mark.django_db
ALL = ("notification.send", "email.send", "sms.send")
AWAKE = {"quiet_from": dt.time(0), "quiet_until": dt.time(0)}  # no quiet hours: the test runs at any time of the day


def test_the_breaker_opens_after_five_failures_the_others_are_told_and_nobody_twice(booked, work_off, texts, mailoutbox):
    texts.mood["sms"] = "hang"
    for n in range(7):
        by_text = make.patient(phone=f"+9198123456{n:02}")
        Preference(patient=by_text, channels=["sms"], **AWAKE).save()
        booked(patient=by_text)
        booked(patient=make.patient(email=f"p{n}@people.example"))
    for names in (ALL[:1], ALL[1:]):  # each once: on a slow machine a second try would be due meanwhile
        for job in owed(names):
            jobs.run(job.id)
    assert len(texts.calls) == 5, "the sixth and seventh were not tried"
    assert sorted(Delivery.objects.filter(channel="sms").values_list("error", flat=True)) == ["away"] * 5 + ["resting"] * 2
    assert (breakers.named("delivery.sms").state, len(mailoutbox)) == ("open", 7)
    texts.mood["sms"] = "fine"
    breakers.named("delivery.sms").succeeded()  # its rest is over, and a try went well
    for _ in range(2):
        due_now()
        work_off(ALL)
    assert sorted(told.to for told in texts.delivered) == [f"+9198123456{n:02}" for n in range(7)]
    assert len(mailoutbox) == 7
    assert set(Notification.objects.values_list("state", flat=True)) == {"sent"}
