"""Which work do courses owe? Planning and re-flow; each job calls one verb and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.courses.services import planning
from healthcare.core.jobs import job

QUEUE = "panchakarma"


@job("course.plan", queue=QUEUE)
def plan(*, course_id: str) -> None:
    planning.book_course(course_id=UUID(course_id), now=timezone.now())


@job("course.reflow", queue=QUEUE)
def reflow(*, course_id: str) -> None:
    planning.reflow(course_id=UUID(course_id), now=timezone.now())
