"""What do tests of notifications start from? A patient, a doctor, a booking, and jobs that are run by hand."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.roles import Role
from appointments.services.booking import book
from healthcare.core import jobs
from healthcare.core.delivery import Receipt
from healthcare.core.delivery.registry import SENDERS
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from notifications.models import Notification
from patients.models import Patient

OURS = ("notification.send", "email.send")


@pytest.fixture
def asha(in_north):
    """Somebody with an account who is a patient of north."""
    return make.member(Role.PATIENT, in_north, first_name="Asha", last_name="Rao", email="asha@people.example")


@pytest.fixture
def doctor(in_north):
    return make.practitioner()


@pytest.fixture
def booked(doctor, asha):
    """`booked()`: an appointment of Asha's, or of the given chart; each call takes the next ten minutes."""
    taken = []

    def make_booking(patient=None, practitioner=None, starts_at=None, reason="headache since Monday"):
        taken.append(1)
        start = starts_at or soon() + dt.timedelta(minutes=10 * len(taken))
        chart = patient or Patient.objects.get(user=asha.user_id)
        return book(
            kind="consultation",
            patient=chart,
            practitioner=practitioner or doctor,
            starts_at=start,
            by=asha.user_id,
            now=timezone.now(),
            reason=reason,
        )

    return make_booking


def soon():
    """The full hour after the next."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=2)


@pytest.fixture
def work_off():
    """`work_off()` runs what is owed for messages until nothing is due; answers how many jobs did their work."""

    def run_all(names=OURS):
        done = 0
        while rows := owed(names):
            results = [jobs.run(row.id) for row in rows]
            done += sum(results)
            if not any(results):
                break
        return done

    return run_all


def owed(names=OURS):
    with on_platform():
        return list(Job.objects.filter(name__in=names, state="ready", due_at__lte=timezone.now()).order_by("id"))


def the_notification():
    return Notification.objects.get()


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
