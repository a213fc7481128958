"""How many openings of charts wait for a review that is overdue, in all clinics together? A number; never which, nor whose."""

import threading
from contextlib import closing

from cachetools import TTLCache, cached
from django.db import Error
from django.utils import timezone

from healthcare.core.tenancy import each_clinic
from patients.glass.models import Opening

KEEP = 60.0  # seconds: a look goes through every clinic's schema


@cached(TTLCache(maxsize=1, ttl=KEEP), lock=threading.Lock())
def overdue() -> int | None:
    """Counted from the rows of all open clinics, at most a minute ago. None where some clinic's can't be read."""
    now = timezone.now()
    try:
        with closing(each_clinic()) as clinics:
            return sum(Opening.objects.overdue(now).count() for _ in clinics)
    except Error:
        return None
