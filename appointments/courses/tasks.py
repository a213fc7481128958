"""Which work do courses owe? Planning and re-flow; each job calls one verb and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.courses.services import planning
from healthcare.core.jobs import job

QUEUE = "panchakarma"


def note_failure(*, error: Exception, last: bool, course_id: str) -> None:
    if last:
        planning.give_up(course_id=UUID(course_id))


@job("course.plan", queue=QUEUE, failed=note_failure)
def plan(*, course_id: str) -> None:
    planning.book_course(course_id=UUID(course_id), now=timezone.now())


@job("course.reflow", queue=QUEUE)
def reflow(*, course_id: str) -> None:
    planning.reflow(course_id=UUID(course_id), now=timezone.now())
