"""What do the job queues of the departments change?"""

import datetime as dt

from django.utils import timezone

from appointments.courses.models import Sitting
from appointments.courses.services.ordering import order
from appointments.courses.tests.scene import BY, house, phase, template
from appointments.models import Instruction, ServiceOrder, Station
from appointments.services.orders import accession_of
from healthcare.tests.walk.scene import Effect, Scene


def vidhakarma(scene: Scene) -> Effect:
    row = scene.visit("viddhakarma", "therapist")
    before = Instruction.objects.filter(appointment=row, phase="before")
    return lambda: before.filter(due_at=row.starts_at - dt.timedelta(hours=1), text__startswith="Eat something light")


def panchakarma(scene: Scene) -> Effect:
    """A course that was ordered has a time, a therapist and a room for each sitting, in order."""
    house()
    made = template(phase("Preparation", "snehana", 2), phase("Main", "swedana", 1))
    known = {"starts_on": timezone.now().date() + dt.timedelta(days=2), "by": BY, "now": timezone.now()}
    course = order(template=made, patient=scene.patient("Pancha"), **known)

    def booked() -> bool:
        rows = Sitting.objects.filter(course=course, course__state="booked", appointment__state="scheduled").order_by("number")
        times = list(rows.values_list("appointment__starts_at", flat=True))
        return len(times) == 3 and times == sorted(times)

    return booked


def ayurveda_therapy(scene: Scene) -> Effect:
    row = scene.visit("abhyanga", "therapist")
    before = Instruction.objects.filter(appointment=row, phase="before")
    return lambda: before.filter(due_at=row.starts_at - dt.timedelta(hours=2), text__startswith="Eat nothing")


def chequp(scene: Scene) -> Effect:
    row = scene.visit("checkup")
    stations = Station.objects.filter(appointment=row, state="planned").order_by("place")
    codes = ["registration", "vitals", "blood", "ecg", "ultrasound", "doctor"]
    return lambda: list(stations.values_list("code", flat=True)) == codes


def service(scene: Scene) -> Effect:
    """The laboratory has an order with the number that goes on the tube."""
    row = scene.visit("lab_test", "lab_technician")
    order = {"appointment": row, "state": "ordered", "specimen": "blood", "accession": accession_of(row)}
    return lambda: ServiceOrder.objects.filter(**order).exists()
