"""At which times could each sitting be? What the engine offers, in a few queries a kind, as the planner's options."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from appointments.courses.models import Course
from appointments.courses.phases import Step
from appointments.courses.planner import Option
from appointments.models import Practitioner
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times_of

A_DAY = 16  # options of one therapist and day that are looked at, spread over the day
Options = list[list[Option[UUID]]]


def options(
    course: Course, wanted: Sequence[Step], *, since: dt.date, now: dt.datetime
) -> tuple[Options, dict[UUID, Practitioner]]:
    """For each of `wanted` the times between the first and the last day on which it can be, and the therapists by id.

    Sittings of one kind share what was read. Times that the patient's other appointments forbid are not among them.
    """
    people: dict[UUID, Practitioner] = {}
    by_kind: dict[str, list[Option[UUID]]] = {}
    soonest, latest = 0, 0
    spans: dict[str, tuple[int, int]] = {}
    for step in wanted:
        soonest, latest = soonest + step.gap.least, latest + step.gap.most
        first, last = spans.get(step.kind, (soonest, latest))
        spans[step.kind] = (min(first, soonest), max(last, latest))
    for kind, (first, last) in spans.items():
        cards = _therapists(course, kind)
        people |= cards
        by_kind[kind] = _of_kind(course, kind, cards, since + dt.timedelta(days=first), last - first + 1, now)
    return [by_kind[step.kind] for step in wanted], people


def _of_kind(
    course: Course, code: str, cards: dict[UUID, Practitioner], day: dt.date, days: int, now: dt.datetime
) -> list[Option[UUID]]:
    ask = {"practitioners": list(cards.values()), "kind": kind_named(code), "day": day, "days": days, "now": now}
    found = free_times_of(patient_id=course.patient_id, **ask)  # type: ignore[arg-type]
    made: list[Option[UUID]] = []
    for one, times in found.items():
        zone = cards[one].place.clock
        of_day: dict[dt.date, list[Option[UUID]]] = {}
        for slot in times:
            local = slot.starts_at.astimezone(zone)
            clock = local.time()
            if (course.earliest and clock < course.earliest) or (course.latest and clock > course.latest):
                continue
            plain = local.replace(tzinfo=None)
            of_day.setdefault(local.date(), []).append(Option(slot.starts_at, slot.ends_at, plain, one))
        made += [option for day_options in of_day.values() for option in _spread(day_options)]
    return made


def _spread(found: list[Option[UUID]]) -> list[Option[UUID]]:
    """At most so many of a day, first and last among them."""
    if len(found) <= A_DAY:
        return found
    step = (len(found) - 1) / (A_DAY - 1)
    return [found[round(number * step)] for number in range(A_DAY)]


def _therapists(course: Course, kind: str) -> dict[UUID, Practitioner]:
    cards = Practitioner.objects.seeing_patients().offering(kind).with_place().order_by("id")
    if course.therapists:
        cards = cards.filter(pk__in=[UUID(one) for one in course.therapists])
    return {one.pk: one for one in cards}
