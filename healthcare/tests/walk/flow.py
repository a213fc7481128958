"""What do the job queues of the day's flow change?"""

import datetime as dt

from django.utils import timezone

from appointments.models import Appointment
from appointments.payments.models import Payment
from appointments.payments.services.taking import ask_online
from appointments.payments.tests.scene import account
from appointments.payments.tests.scene import visit as unpaid
from appointments.services import steps
from appointments.waitlist.models import Offer
from appointments.waitlist.services import joining
from healthcare.core import jobs
from healthcare.tests import make
from healthcare.tests.walk.scene import Effect, Scene


def queue_management(scene: Scene) -> Effect:
    row = scene.past("scheduled")
    jobs.enqueue("queue.no_show", key=f"queue.no_show:{row.id}:1", appointment_id=row.id, version=1)
    return lambda: Appointment.objects.get(pk=row.pk).state == "no_show"


def waiting_list(scene: Scene) -> Effect:
    """The one time of a doctor's day is given back: it is held for somebody who waits for that day."""
    doctor = make.practitioner(name="Dr Once", weekly=[(weekday, dt.time(10), dt.time(10, 10)) for weekday in range(7)])
    row = scene.first_of(doctor, "consultation", scene.patient("Gone"))
    known = {"kind": "consultation", "practitioner": doctor, "by": None, "now": timezone.now()}
    day = row.starts_at.date()  # ten in the morning at north is the same day everywhere near
    wish = joining.join(patient=scene.patient("Wanda"), from_on=day, until_on=day, **known)
    steps.cancel(appointment=row, by=None, now=timezone.now())
    offers = Offer.objects.filter(wish=wish, state="open", appointment__state="pending", appointment__practitioner=doctor)
    return lambda: offers.filter(appointment__starts_at=row.starts_at, expires_at__gt=timezone.now()).exists()


def payment_processing(scene: Scene) -> Effect:
    account()
    payment = ask_online(appointment=unpaid(practitioner=make.practitioner(name="Dr Cash")), by=None, now=timezone.now())
    return lambda: Payment.objects.get(pk=payment.pk).provider_id in scene.payments.sessions
