"""What of appointments stands in the way of closing a clinic or one of its places?"""

import datetime as dt
from typing import Any

from appointments.models import Appointment, Practitioner
from appointments.workflow import HOLDS_TIME, State
from clinics import obstacles
from healthcare.core.errors import Reason

EXPECTED = [state for state in HOLDS_TIME if state != State.COMPLETED]


def people_expected(clinic: Any, now: dt.datetime) -> list[Reason]:
    return _expected(Appointment.objects.all(), now)


def people_work_there(location: Any, now: dt.datetime) -> list[Reason]:
    working = Practitioner.objects.seeing_patients().filter(location_id=location.pk).count()
    found = [Reason("practitioners_there", f"{working} practitioners see patients there; let them work elsewhere first.")]
    return [*(found if working else []), *_expected(Appointment.objects.filter(location_id=location.pk), now)]


def _expected(rows: Any, now: dt.datetime) -> list[Reason]:
    coming = rows.filter(state__in=EXPECTED, ends_at__gt=now).count()
    if not coming:
        return []
    return [Reason("appointments_ahead", f"{coming} appointments are still ahead; move or cancel them first.")]


obstacles.before_closing(people_expected)
obstacles.before_closing_place(people_work_there)
