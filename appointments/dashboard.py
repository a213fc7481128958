"""What does a clinic's day look like in figures? Sections: this app's own here, others added by the apps above.

    dashboard.add(Section("queues", "queue.view", EMERGENCY, figures_of_queues, QueuesShape))

A section counts; it names nobody but those on professional cards. Its figures are kept until an event says that they
changed, so they hold instants, not ages. Whoever reaches only their own sees their own work counted.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q
from rest_framework import serializers

from accounts.membership import Member
from accounts.roles import Reach
from appointments.models import Appointment
from appointments.slots import Interval, local_days
from appointments.workflow import State
from healthcare.core.cache import APPOINTMENTS, Area
from healthcare.core.tenancy import current_clinic

LOOK_BACK = dt.timedelta(days=30)
DAY, WHOLE_CLINIC = "day", "all"


class Asked(NamedTuple):
    """`whose` is the user whose work is counted; None counts everybody's."""

    day: Interval
    now: dt.datetime
    whose: Any


class Section(NamedTuple):
    """`permission` says who sees it; `area` and `subject` how long it is kept and what an event forgets."""

    name: str
    permission: str
    area: Area
    count: Callable[[Asked], dict[str, Any]]
    shape: type[serializers.Serializer[Any]]
    subject: str = DAY


_sections: dict[str, Section] = {}


def add(section: Section) -> None:
    _sections[section.name] = section


def sections() -> list[Section]:
    return list(_sections.values())


def figures(member: Member, now: dt.datetime) -> dict[str, Any]:
    """Every section, None where the role may not see it."""
    clock = ZoneInfo(current_clinic().zone)
    today = now.astimezone(clock).date()
    day = local_days(today, 1, clock)
    return {"date": today, **{one.name: _seen(one, member, day, now) for one in sections()}}


def _seen(section: Section, member: Member, day: Interval, now: dt.datetime) -> dict[str, Any] | None:
    if not member.may(section.permission):
        return None
    whose = None if member.reach("dashboard.view") == Reach.ALL else member.user_id
    key = f"{section.name}:{day.start.isoformat()}:{whose or WHOLE_CLINIC}"
    found: dict[str, Any] = section.area.read(key, lambda: section.count(Asked(day, now, whose)), subject=section.subject)
    return found


class AppointmentFigures(serializers.Serializer[Any]):
    """Of the clinic's day, by the state they are in now."""

    total = serializers.IntegerField()
    by_state = serializers.DictField(child=serializers.IntegerField())
    next_at = serializers.DateTimeField(allow_null=True, help_text="The first that is still to begin.")
    no_shows_30_days = serializers.IntegerField(help_text="Of the thirty days before.")
    kept_30_days = serializers.IntegerField(help_text="Of the same days: appointments that took place.")
    no_show_rate_30_days = serializers.FloatField(allow_null=True, help_text="No-shows ÷ (no-shows + kept).")


def count_appointments(asked: Asked) -> dict[str, Any]:
    rows = Appointment.objects.all() if asked.whose is None else Appointment.objects.filter(practitioner__user=asked.whose)
    today = rows.filter(starts_at__gte=asked.day.start, starts_at__lt=asked.day.end)
    by_state = dict(today.values_list("state").annotate(n=Count("id")).order_by("state"))
    before = rows.filter(starts_at__gte=asked.day.start - LOOK_BACK, starts_at__lt=asked.day.start)
    missed, kept = Q(state=State.NO_SHOW), Q(state=State.COMPLETED)
    past = before.aggregate(missed=Count("id", filter=missed), kept=Count("id", filter=kept))
    expected = [State.PENDING, State.SCHEDULED, State.CONFIRMED]
    coming = today.filter(state__in=expected, starts_at__gte=asked.now).aggregate(first=Min("starts_at"))["first"]
    both = past["missed"] + past["kept"]
    return {
        "total": sum(by_state.values()),
        "by_state": by_state,
        "next_at": coming,
        "no_shows_30_days": past["missed"],
        "kept_30_days": past["kept"],
        "no_show_rate_30_days": round(past["missed"] / both, 4) if both else None,
    }


add(Section("appointments", "dashboard.view", APPOINTMENTS, count_appointments, AppointmentFigures))
