"""How good would the ranges have been? Past days played again: what was known on each morning, what then came to be."""

import datetime as dt
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min, Q

from appointments.models import Appointment
from appointments.queue import merge
from appointments.queue.merge import Waiter
from appointments.queue.models import Queue, Token
from appointments.queue.services.line import waiter
from appointments.queue.waits.estimate import NEVER_SERIAL, Situation, Standing, waits
from appointments.queue.waits.pace import pace_of
from appointments.queue.waits.reading import AHEAD, LATE, begins
from appointments.slots.clock import local_days

CAME_OR_NOT = ("completed", "in_progress", "on_hold", "no_show")


class Outcome(NamedTuple):
    """Seconds from arrival: the range that would have been told, and when they were called."""

    low: float
    high: float
    actual: float


class Score(NamedTuple):
    """`kept`: share called before the end of the range (0.9 is right); `sooner`: before its beginning (0.5 is right)."""

    people: int
    kept: float
    sooner: float
    width_minutes: float


class Visit(NamedTuple):
    """A token as it went: `called_at` is the first call."""

    token: Token
    called_at: dt.datetime

    @property
    def waiter(self) -> Waiter:
        return waiter(self.token)


def score(outcomes: Sequence[Outcome]) -> Score | None:
    """None of nobody."""
    if not outcomes:
        return None
    people = len(outcomes)
    return Score(
        people,
        kept=round(sum(one.actual <= one.high for one in outcomes) / people, 3),
        sooner=round(sum(one.actual < one.low for one in outcomes) / people, 3),
        width_minutes=round(median(one.high - one.low for one in outcomes) / 60, 1),
    )


def replay(queue: Queue) -> Iterator[Outcome]:
    """Of everybody who was called in a queue of a day that is over, where a range could have been told on arrival."""
    if (pace := pace_of(queue.practitioner_id, day=queue.day)) is None:
        return
    first = Min("events__at", filter=Q(events__event="token.called"))
    rows = Token.objects.filter(queue=queue).annotate(first_call=first).exclude(first_call=None)
    visits = [Visit(one, one.first_call) for one in rows.order_by("serial")]  # type: ignore[attr-defined]
    booked, rule = _booked(queue), merge.rule()
    for one in visits:
        at = _situation(queue, one.token.arrived_at, visits, booked, rule)
        found = waits(at, pace.turns, rule).get(one.token.id)
        if found is not None:
            yield Outcome(found.low, found.high, (one.called_at - at.now).total_seconds())


Booked = dict[UUID, tuple[str, dt.datetime]]


def _booked(queue: Queue) -> Booked:
    """Who was to come that day, whether they came or not."""
    day = local_days(queue.day, 1, queue.practitioner.place.clock)
    rows = Appointment.objects.filter(practitioner=queue.practitioner_id, starts_at__gte=day.start, starts_at__lt=day.end)
    seen = rows.filter(state__in=CAME_OR_NOT)
    return {pk: (priority, at) for pk, priority, at in seen.values_list("pk", "priority", "starts_at")}


def _situation(queue: Queue, now: dt.datetime, visits: Sequence[Visit], booked: Booked, rule: merge.Rule) -> Situation:
    here = [one for one in visits if one.token.arrived_at <= now]
    line = sorted((one for one in here if one.called_at > now), key=lambda one: rule(one.waiter))
    called = [one for one in here if one.called_at <= now]
    inside = [one.called_at for one in called if one.token.finished_at is None or one.token.finished_at > now]
    arrived = {one.token.appointment_id for one in here}
    coming = [
        Waiter(priority, at, max(at, now), NEVER_SERIAL)
        for pk, (priority, at) in booked.items()
        if pk not in arrived and now - LATE < at < now + AHEAD
    ]
    return Situation(
        now=now,
        line=[Standing(one.token.id, one.waiter) for one in line],
        called_at=max(inside, default=None),
        begins_at=None if called else begins([queue], now).get(queue.id),
        coming=sorted(coming, key=lambda one: one.arrived_at),
    )
