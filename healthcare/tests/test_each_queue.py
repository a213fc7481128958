"""Does each job queue do its real work, through a real worker that takes its messages from a real broker?

One row a queue (`walk/`): it makes the change that owes the job, and says how the job's own effect shows. A log line, a job
that is `done` or an entry that only says "queued" is no effect.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core import mail
from django.utils import timezone

from appointments.calendars.tests import shelf
from appointments.courses.tests.scene import with_kinds
from appointments.payments.tests import stub as gateway
from appointments.plugins import registry
from appointments.plugins.base import Kind
from clinics.grants import drop_role
from clinics.models import Clinic, Location
from clinics.services import schemas
from healthcare.core import jobs, owed
from healthcare.core.job_queues import names
from healthcare.core.models import Job
from healthcare.core.tenancy import forget_clinics, in_clinic, on_platform
from healthcare.tests.walk import booking, care, flow, insight, messages
from healthcare.tests.walk.scene import Effect, Scene

PATIENCE = 60.0  # seconds; a few where the machine is free

WALK: dict[str, Callable[[Scene], Effect]] = {
    "clinic-appointment": booking.clinic_appointment,
    "enhanced-appointment": booking.enhanced_appointment,
    "doctor-availability": booking.doctor_availability,
    "recurring-appointment": booking.recurring_appointment,
    "email": messages.email,
    "notification": messages.notification,
    "reminder": messages.reminder,
    "follow-up": messages.follow_up,
    "vidhakarma": care.vidhakarma,
    "panchakarma": care.panchakarma,
    "ayurveda-therapy": care.ayurveda_therapy,
    "chequp": care.chequp,
    "service": care.service,
    "queue-management": flow.queue_management,
    "waiting-list": flow.waiting_list,
    "payment-processing": flow.payment_processing,
    "analytics": insight.analytics,
    "calendar-sync": insight.calendar_sync,
    "patient-preference": insight.patient_preference,
}


@pytest.fixture
def scene(committed: None, north: Any, texts: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with_kinds(settings)
    kind = Kind(code="consultation", name="Consultation")
    kind.follow_up = ("consultation", dt.timedelta(days=30))
    monkeypatch.setitem(registry.kinds(), "consultation", kind)
    mail.outbox = []
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]  # the calendar's server is on this machine
    with ExitStack() as servers:
        payments, calendar = servers.enter_context(gateway.running()), servers.enter_context(shelf.running())
        settings.STRIPE_API_URL = payments.url
        with in_clinic(north):
            yield Scene(texts, payments, calendar)
    Location.objects.exclude(clinic__slug__in=["north", "south"]).delete()
    for opened in Clinic.objects.exclude(slug__in=["north", "south"]):
        with schemas.owner_cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{opened.schema_name}" CASCADE')
            drop_role(cursor, opened.schema_name)
        Clinic.objects.filter(pk=opened.pk).delete()
    forget_clinics()


def make_due() -> None:
    """As if the time of reminders, follow-ups and retries had come, but not yet the end of a wait; what the ticker would do."""
    with on_platform():
        later = Job.objects.filter(state="ready", due_at__gt=timezone.now()).exclude(name="waitlist.lapse")
        later.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    owed.send_owed()


def test_every_queue_has_a_job_and_a_row_here():
    worked = {work.queue for work in jobs.registered().values() if not work.name.startswith("core.")}
    assert worked == set(names())
    assert set(WALK) == set(names())


@pytest.mark.parallel
def test_each_queue_does_its_real_work_through_a_real_worker(scene):
    from healthcare.celery import app

    effects = {queue: owe(scene) for queue, owe in WALK.items()}
    assert [queue for queue, effect in effects.items() if effect()] == [], "there before any worker: no work of the queue's"
    with start_worker(app, pool="solo", queues=",".join(names()), perform_ping_check=False, shutdown_timeout=30.0):
        ends, shown = time.monotonic() + PATIENCE, dict.fromkeys(effects, False)
        while not all(shown.values()) and time.monotonic() < ends:
            make_due()
            time.sleep(0.3)
            shown |= {queue: bool(effect()) for queue, effect in effects.items() if not shown[queue]}
    assert [queue for queue, seen in shown.items() if not seen] == []
