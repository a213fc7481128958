"""How does a patient check in at a screen in the hall? By a pass, a code, or chart number and year of birth; with limits."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Display
from appointments.checkin.models import Arrival, Kiosk
from appointments.checkin.services.arriving import arrive
from appointments.models import Appointment
from appointments.services.steps import CHECK_IN_CLOSES, CHECK_IN_OPENS
from appointments.workflow import BY_VERB
from healthcare.core import throttles
from healthcare.core.errors import Forbidden, NotFound
from healthcare.core.tenancy import current_clinic
from healthcare.core.throttles import Limit

TRIES = Limit("kiosk", 30, 60)  # of one kiosk, whoever stands there
OF_A_CHART = Limit("kiosk_chart", 5, 900)  # guesses at one number, at all kiosks of the clinic


class NoSuchVisit(NotFound):
    """The same for a wrong number, a wrong year and a day without an appointment."""

    code = "no_such_visit"
    detail = "No appointment of today was found; please ask at the desk."


@transaction.atomic
def allow(*, display: Display, is_allowed: bool, by: UUID, now: dt.datetime) -> None:
    """Let patients check in at a paired screen, or not any more. Twice is once."""
    rows = Kiosk.objects.filter(display_id=display.pk)
    if not is_allowed:
        for row in rows:
            row.delete()
    elif not rows.exists():
        Kiosk(display_id=display.pk, allowed_by=by, allowed_at=now).save(force_insert=True)


def count_a_try(display_id: UUID) -> None:
    """Before anything is looked up. Raises Forbidden where the screen is no kiosk, TooMany."""
    if not Kiosk.objects.filter(display_id=display_id).exists():
        raise Forbidden("Nobody may check in at this screen.")
    throttles.hit(TRIES, str(display_id))


@transaction.atomic
def by_number(*, mrn: str, birth_year: int, display_id: UUID, now: dt.datetime) -> Appointment:
    """Check in for the first appointment of today. Raises NoSuchVisit, TooMany, and as `arriving.arrive` does."""
    limit = (OF_A_CHART, f"{current_clinic().id}:{mrn.strip().casefold()}")
    throttles.hit(*limit)
    rows = Appointment.objects.for_page().filter(patient__mrn=mrn.strip(), state__in=BY_VERB["check_in"].sources)
    midnight = dt.datetime.combine(_today(now) + dt.timedelta(days=1), dt.time(), ZoneInfo(current_clinic().zone))
    ends = max(midnight, now + CHECK_IN_OPENS)
    found = rows.filter(starts_at__gt=now - CHECK_IN_CLOSES, starts_at__lt=ends).order_by("starts_at", "id").first()
    born: Any = found.patient.date_of_birth if found is not None else None  # a date once unsealed
    if found is None or born is None or born.year != birth_year:
        raise NoSuchVisit
    row = arrive(appointment=found, way=Arrival.Way.NUMBER_AT_KIOSK, now=now, display_id=display_id)
    throttles.give_back(*limit)
    return row


def _today(now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(current_clinic().zone)).date()
