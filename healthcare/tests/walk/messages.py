"""What do the job queues of messages change?"""

from django.utils import timezone

from appointments.models import FollowUp
from appointments.services import steps
from healthcare.tests.walk.scene import Effect, Scene


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
    return lambda: FollowUp.objects.filter(appointment=row, kind="consultation", state="open").exists()
