"""Which work on figures is done by jobs? Yesterday and today counted anew, each clinic in its own zone."""

from django.utils import timezone

from healthcare.core.jobs import job
from healthcare.core.models import Priority
from monitoring.daily.services import counting


@job("figures.count", queue="analytics", priority=Priority.LOW)
def count() -> None:
    counting.roll_up_lately(now=timezone.now())
