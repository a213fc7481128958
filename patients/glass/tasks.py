"""Which work is owed for charts that were opened? A reminder of the reviews that nobody closed."""

from django.utils import timezone

from healthcare.core.jobs import job
from patients.glass import services


@job("glass.remind", queue="notification")
def remind() -> None:
    services.remind(now=timezone.now())
