"""What do the job queues of insight change?"""

from django.utils import timezone

from appointments.calendars.services.targets import set_target
from healthcare.core import jobs
from healthcare.tests import make
from healthcare.tests.walk.scene import Effect, Scene
from monitoring.daily.models import Day
from notifications.models import Notification, Preference
from notifications.services.learning import LEARN


def analytics(scene: Scene) -> Effect:
    scene.past("completed")
    jobs.enqueue("figures.count", key="figures.count:walk")
    return lambda: sum(Day.objects.values_list("seen", flat=True)) >= 1


def calendar_sync(scene: Scene) -> Effect:
    """The calendar server of a doctor's choice holds the appointment."""
    doctor = make.practitioner(name="Dr Abroad")
    known = {"username": "ada", "password": "app-password", "by": doctor.id, "now": timezone.now()}
    set_target(practitioner=doctor, url=scene.shelf.url, **known)
    row = scene.booked(scene.patient("Cal"), doctor)
    return lambda: [event for event in scene.shelf.events() if event["dtstart"].dt == row.starts_at]


def patient_preference(scene: Scene) -> Effect:
    patient = scene.patient("Pia")
    about = {"message": "appointment_booked", "language": "en", "read_at": timezone.now()}
    for _ in range(3):
        row = Notification(patient=patient, **about)
        row.save()
    jobs.enqueue(LEARN, key=f"{LEARN}:{row.id}", notification_id=row.id)
    return lambda: Preference.objects.filter(patient=patient, learned_hour__isnull=False).exists()
