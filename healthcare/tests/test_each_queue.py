"""Does each job queue do its real work, through a real worker that takes its messages from a real broker?

One row a queue: it makes the change that owes the job, and says how the job's own effect shows. A log line, a job that is
`done` or an entry that only says "queued" is no effect.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core import mail
from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.payments.models import Payment
from appointments.payments.tests import stub as gateway
from appointments.plugins import registry
from appointments.plugins.base import Kind
from appointments.services import steps
from appointments.services.booking import book
from clinics.grants import drop_role
from clinics.models import Clinic, Location
from clinics.services import schemas
from clinics.services.opening import order_clinic
from healthcare.core import jobs, owed
from healthcare.core.job_queues import names
from healthcare.core.models import Job
from healthcare.core.tenancy import forget_clinics, in_clinic, on_platform
from healthcare.tests import make
from monitoring.daily.models import Day
from notifications.models import Notification, Preference
from notifications.services.learning import LEARN

PATIENCE = 60.0  # seconds; a few where the machine is free
AWAKE = {"quiet_from": dt.time(0), "quiet_until": dt.time(0)}  # no quiet hours: the test runs at any time of the day
Effect = Callable[[], Any]


class Scene:
    """North, with a doctor and patients who are reached by mail or by phone."""

    def __init__(self, texts: Any, stub: Any) -> None:
        self.texts, self.stub = texts, stub
        self.doctor = make.practitioner()
        self.taken = 0

    def patient(self, name: str, **known: Any) -> Any:
        row = make.patient(first_name=name, **(known or {"email": f"{name.lower()}@people.example"}))
        Preference(patient=row, **AWAKE).save()
        return row

    def booked(self, patient: Any, days: int = 3) -> Appointment:
        self.taken += 1
        day = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=days, minutes=10 * self.taken)
        who = {"patient": patient, "practitioner": self.doctor}
        return book(kind="consultation", starts_at=day, by=None, now=timezone.now(), **who)

    def past(self, state: str) -> Appointment:
        """An appointment that was to be three hours ago."""
        start = timezone.now() - dt.timedelta(hours=3)
        times = {"starts_at": start, "ends_at": start + dt.timedelta(minutes=10), "location_id": self.doctor.location_id}
        row = Appointment(kind="consultation", patient=self.patient("Past"), practitioner=self.doctor, state=state, **times)
        row.save()
        return row

    def mail_to(self, name: str, about: str) -> Any:
        return [m for m in mail.outbox if m.to == [f"{name.lower()}@people.example"] and about in m.subject]


def clinic_appointment(scene: Scene) -> Effect:
    order_clinic(slug="west", name="West")
    return lambda: Clinic.objects.filter(slug="west", state="open").exists()


def doctor_availability(scene: Scene) -> Effect:
    scene.booked(scene.patient("Ada"))
    return lambda: Practitioner.objects.exclude(next_free_at=None).filter(pk=scene.doctor.pk).exists()


def email(scene: Scene) -> Effect:
    scene.booked(scene.patient("Emil"))
    return lambda: scene.mail_to("Emil", "Your appointment")


def notification(scene: Scene) -> Effect:
    """A text message: mail has a queue of its own."""
    scene.booked(scene.patient("Nora", phone="+919812345678"))
    return lambda: [told for told in scene.texts.delivered if told.to == "+919812345678"]


def reminder(scene: Scene) -> Effect:
    scene.booked(scene.patient("Rhea"))
    return lambda: scene.mail_to("Rhea", "Reminder")


def follow_up(scene: Scene) -> Effect:
    row = scene.past("waiting")
    for step in (steps.start, steps.complete):
        row = step(appointment=row, by=None, now=timezone.now())
    return lambda: scene.mail_to("Past", "follow-up")


def queue_management(scene: Scene) -> Effect:
    row = scene.past("scheduled")
    jobs.enqueue("queue.no_show", key=f"queue.no_show:{row.id}:1", appointment_id=row.id, version=1)
    return lambda: Appointment.objects.get(pk=row.pk).state == "no_show"


def payment_processing(scene: Scene) -> Effect:
    from appointments.payments.services.taking import ask_online
    from appointments.payments.tests.scene import account, visit

    account()
    payment = ask_online(appointment=visit(practitioner=make.practitioner(name="Dr Cash")), by=None, now=timezone.now())
    return lambda: Payment.objects.get(pk=payment.pk).provider_id in scene.stub.sessions


def analytics(scene: Scene) -> Effect:
    scene.past("completed")
    jobs.enqueue("figures.count", key="figures.count:walk")
    return lambda: sum(Day.objects.values_list("seen", flat=True)) >= 1


def patient_preference(scene: Scene) -> Effect:
    patient = scene.patient("Pia")
    about = {"message": "appointment_booked", "language": "en", "read_at": timezone.now()}
    for _ in range(3):
        row = Notification(patient=patient, **about)
        row.save()
    jobs.enqueue(LEARN, key=f"{LEARN}:{row.id}", notification_id=row.id)
    return lambda: Preference.objects.filter(patient=patient, learned_hour__isnull=False).exists()


WALK: dict[str, Callable[[Scene], Effect]] = {
    "clinic-appointment": clinic_appointment,
    "doctor-availability": doctor_availability,
    "email": email,
    "notification": notification,
    "reminder": reminder,
    "follow-up": follow_up,
    "queue-management": queue_management,
    "payment-processing": payment_processing,
    "analytics": analytics,
    "patient-preference": patient_preference,
}


@pytest.fixture
def scene(committed: None, north: Any, texts: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    kind = Kind(code="consultation", name="Consultation")
    kind.follow_up = dt.timedelta(days=30)  # type: ignore[attr-defined]
    monkeypatch.setitem(registry.kinds(), "consultation", kind)
    mail.outbox = []
    with gateway.running() as stub:
        settings.STRIPE_API_URL = stub.url
        with in_clinic(north):
            yield Scene(texts, stub)
    Location.objects.exclude(clinic__slug__in=["north", "south"]).delete()
    for opened in Clinic.objects.exclude(slug__in=["north", "south"]):
        with schemas.owner_cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{opened.schema_name}" CASCADE')
            drop_role(cursor, opened.schema_name)
        Clinic.objects.filter(pk=opened.pk).delete()
    forget_clinics()


def make_due() -> None:
    """As if the time of reminders, follow-ups and retries had come; what the ticker would do then."""
    with on_platform():
        later = Job.objects.filter(state="ready", due_at__gt=timezone.now())
        later.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    owed.send_owed()


# queues whose jobs are tested where they are made, and not through a worker here yet
STILL_OWED = {
    "enhanced-appointment", "vidhakarma", "panchakarma", "ayurveda-therapy", "chequp", "service", "waiting-list",
    "recurring-appointment", "calendar-sync",
}  # fmt: skip


def test_every_queue_has_a_job_and_those_not_walked_are_named():
    worked = {work.queue for work in jobs.registered().values() if not work.name.startswith("core.")}
    assert worked == set(names())
    assert set(names()) - set(WALK) == STILL_OWED, "a queue has no row here, or has one and is still listed"


@pytest.mark.parallel
def test_each_queue_does_its_real_work_through_a_real_worker(scene):
    from healthcare.celery import app

    effects = {queue: owe(scene) for queue, owe in WALK.items()}
    with start_worker(app, pool="solo", queues=",".join(names()), perform_ping_check=False, shutdown_timeout=30.0):
        ends, shown = time.monotonic() + PATIENCE, dict.fromkeys(effects, False)
        while not all(shown.values()) and time.monotonic() < ends:
            make_due()
            time.sleep(0.3)
            shown |= {queue: bool(effect()) for queue, effect in effects.items() if not shown[queue]}
    assert [queue for queue, seen in shown.items() if not seen] == []
