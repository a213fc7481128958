"""How is a day counted? Anew each time, from what is there: a late correction counts, a second run changes nothing."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum

from appointments.models import Appointment
from appointments.payments.models import Payment, Refund
from appointments.queue.models import Token
from appointments.slots.clock import Interval, local_days
from appointments.workflow import State
from healthcare.core.tenancy import current_clinic
from monitoring.daily.models import Day
from monitoring.daily.services.opening import open_minutes

FEW = 5  # waits below which percentiles would be somebody's own
HELD = (State.COMPLETED, State.IN_PROGRESS, State.ON_HOLD)


def roll_up(*, day: dt.date, now: dt.datetime) -> Day:
    """Count one day of the current clinic's calendar and keep the figures, in place of those of before."""
    clinic = current_clinic()
    window = local_days(day, 1, ZoneInfo(clinic.zone))
    figures = {**_appointments(window), **_waits(window), "revenue": _revenue(window), "open_minutes": open_minutes(day)}
    row = Day(day=day, currency=clinic.currency, counted_at=now, **figures)
    columns = [*figures, "currency", "counted_at"]
    Day.objects.bulk_create([row], update_conflicts=True, unique_fields=["day"], update_fields=columns)
    return Day.objects.get(day=day)


def roll_up_lately(*, now: dt.datetime) -> list[Day]:
    """Yesterday, which is over, and today as far as it has come."""
    today = now.astimezone(ZoneInfo(current_clinic().zone)).date()
    return [roll_up(day=day, now=now) for day in (today - dt.timedelta(days=1), today)]


def _appointments(window: Interval) -> dict[str, Any]:
    rows = Appointment.objects.filter(starts_at__gte=window.start, starts_at__lt=window.end)
    length = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    counted = rows.aggregate(
        expected=Count("id", filter=~Q(state=State.EXPIRED)),
        seen=Count("id", filter=Q(state=State.COMPLETED)),
        cancelled=Count("id", filter=Q(state=State.CANCELLED)),
        no_shows=Count("id", filter=Q(state=State.NO_SHOW)),
        used=Sum(length, filter=Q(state__in=HELD)),
    )
    used = counted.pop("used") or dt.timedelta()
    return {**counted, "used_minutes": round(used.total_seconds() / 60)}


def _waits(window: Interval) -> dict[str, Any]:
    here = Token.objects.filter(arrived_at__gte=window.start, arrived_at__lt=window.end)
    called = here.exclude(called_at=None).values_list("arrived_at", "called_at")
    waits = sorted(max(0, round((called_at - arrived_at).total_seconds())) for arrived_at, called_at in called if called_at)
    enough = len(waits) >= FEW
    return {
        "walk_ins": here.filter(appointment=None).count(),
        "waited": len(waits),
        "wait_p50": _quantile(waits, 0.5) if enough else None,
        "wait_p90": _quantile(waits, 0.9) if enough else None,
    }


def _quantile(values: list[int], share: float) -> int:
    return values[min(len(values) - 1, round(share * (len(values) - 1)))]


def _revenue(window: Interval) -> Decimal:
    received = Payment.objects.filter(received_at__gte=window.start, received_at__lt=window.end)
    returned = Refund.objects.filter(state=Refund.State.DONE, done_at__gte=window.start, done_at__lt=window.end)
    total = received.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return total - (returned.aggregate(sum=Sum("amount"))["sum"] or Decimal(0))
