"""What do courses hear? That a sitting was missed, cancelled, given, or taken over by somebody else."""

from uuid import UUID

from appointments.courses.models import Course, Sitting
from appointments.events import AppointmentCancelled, AppointmentStepped, AppointmentTransferred
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue

TELLING = ("no_show", "expire", "complete")


@listens_to(AppointmentStepped)
def see_what_follows(event: AppointmentStepped) -> None:
    if event.verb in TELLING:
        _reflow(event.appointment_id, event.verb)


@listens_to(AppointmentCancelled)
def see_what_a_cancellation_leaves(event: AppointmentCancelled) -> None:
    _reflow(event.appointment_id, "cancel")


@listens_to(AppointmentTransferred)
def go_on_with_the_successor(event: AppointmentTransferred) -> None:
    Sitting.objects.filter(appointment=event.appointment_id).update(appointment=event.successor_id)


def _reflow(appointment_id: UUID, verb: str) -> None:
    """One job a missed appointment; of a course that is cancelled as a whole nothing follows."""
    courses = Sitting.objects.filter(appointment=appointment_id).exclude(course__state=Course.State.CANCELLED)
    for course_id in courses.values_list("course_id", flat=True):
        enqueue("course.reflow", key=f"course.reflow:{course_id}:{appointment_id}:{verb}", course_id=course_id)
