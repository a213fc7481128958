"""What do the job queues of booking change?"""

import datetime as dt

from django.utils import timezone

from appointments.models import Appointment, Instruction, Practitioner
from appointments.services import series
from clinics.models import Clinic
from clinics.services.opening import order_clinic
from healthcare.core import jobs
from healthcare.tests import make
from healthcare.tests.walk.scene import Effect, Scene


def clinic_appointment(scene: Scene) -> Effect:
    order_clinic(slug="west", name="West")
    return lambda: Clinic.objects.filter(slug="west", state="open").exists()


def enhanced_appointment(scene: Scene) -> Effect:
    """What to do before a video consultation, and when, stands with it."""
    row = scene.visit("video")
    before = Instruction.objects.filter(appointment=row, phase="before")
    return lambda: before.filter(due_at=row.starts_at - dt.timedelta(minutes=30), text__startswith="Try your camera")


def doctor_availability(scene: Scene) -> Effect:
    scene.booked(scene.patient("Ada"))
    return lambda: Practitioner.objects.exclude(next_free_at=None).filter(pk=scene.doctor.pk).exists()


def recurring_appointment(scene: Scene) -> Effect:
    """Of a weekly series two are within the horizon when it is made, and two more once that has moved on."""
    made = make.practitioner(name="Dr Weekly", horizon_days=10)
    doctor, now = Practitioner.objects.with_place().get(pk=made.pk), timezone.now()
    first = now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=2)
    known = {"kind": "consultation", "patient": scene.patient("Serie"), "practitioner": doctor, "by": None, "now": now}
    row, outcome = series.create(starts_at=first, rule="FREQ=WEEKLY;COUNT=4", **known)
    assert len(outcome.done) == 2
    Practitioner.objects.filter(pk=doctor.pk).update(horizon_days=30)
    jobs.enqueue("series.extend", key="series.extend:walk")
    return lambda: Appointment.objects.filter(occurrence__series=row, state="scheduled").count() == 4
