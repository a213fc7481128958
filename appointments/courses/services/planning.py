"""How is a whole course booked, all of it or nothing, and re-flowed when a sitting is missed?

Plan on what the engine offers, book what was planned in one statement of claims; where somebody was faster, plan again.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.courses.events import CourseDone, CoursePlanned, CourseReflowed, CourseStuck
from appointments.courses.models import Course, Sitting
from appointments.courses.phases import Step, steps
from appointments.courses.planner import Before, Gap, Option, Stuck, plan
from appointments.courses.services.options import options
from appointments.models import Appointment, Practitioner
from appointments.services.many import Move, NotAllBookable, Wanted, book_many, reschedule_many
from appointments.workflow import State
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import current_clinic

AHEAD = (State.PENDING, State.SCHEDULED, State.CONFIRMED)
GONE = (State.NO_SHOW, State.CANCELLED, State.EXPIRED)
TRIES = 4  # somebody may book one of the planned times meanwhile
MOST_REASONS = 20
SLACK = 14  # days a course may begin after its first day


class NoPlan(Refused):
    code = "no_plan"
    detail = "There are no times for the whole course."


class PlanningFailed(Refused):
    code = "planning_failed"
    detail = "Planning did not come to an end; try anew."


@transaction.atomic
def book_course(*, course_id: UUID, now: dt.datetime) -> Course:
    """Plan and book all sittings of a course that is `planning`; `stuck` with its reasons where there is no plan."""
    course = _locked(course_id)
    if course.state != Course.State.PLANNING:
        return course
    wanted = steps(course.phases)
    first = wanted[0]._replace(gap=Gap(0, SLACK))
    try:
        with transaction.atomic():
            booked = _book(course, [first, *wanted[1:]], Before(_first_day(course, now)), now)
            rows = [
                Sitting(course=course, number=step.number, phase=step.phase, appointment=booked[number])
                for number, step in enumerate(wanted)
            ]
            for row in rows:
                row.save(force_insert=True)
    except Refused as refused:
        return _stuck(course, refused)
    course.state, course.why = Course.State.BOOKED, []
    course.save(update_fields=["state", "why"])
    publish(CoursePlanned(course_id=course.id, sittings=len(rows)))
    return course


@transaction.atomic
def reflow(*, course_id: UUID, now: dt.datetime) -> Course:
    """Give each missed sitting a new time and move what follows as far as it must, all in this transaction or nothing."""
    course = _locked(course_id)
    if course.state not in (Course.State.BOOKED, Course.State.STUCK):
        return course
    sittings = list(course.sittings.select_related("appointment").order_by("number"))
    first = next((n for n, one in enumerate(sittings) if _is_missed(one)), None)
    if first is None:
        return _maybe_done(course, sittings)
    rest = [one for one in sittings[first:] if _is_missed(one) or _is_ahead(one)]
    try:
        with transaction.atomic():
            moved = _reflowed(course, sittings[:first], rest, now)
    except Refused as refused:
        return _stuck(course, refused)
    course.state, course.why = Course.State.BOOKED, []
    course.save(update_fields=["state", "why"])
    publish(CourseReflowed(course_id=course.id, moved=moved))
    return course


def _book(course: Course, wanted: Sequence[Step], before: Before[UUID], now: dt.datetime) -> dict[int, Appointment]:
    """Raises NoPlan, NotAllBookable."""
    last: NotAllBookable | None = None
    for _ in range(TRIES):
        chosen, people = _planned(course, wanted, before, now)
        asked = [_wanted(course, step, one, people) for step, one in zip(wanted, chosen, strict=True)]
        try:
            return book_many(wanted=asked, by=course.ordered_by, now=now).done
        except NotAllBookable as refused:
            last = refused
    assert last is not None
    raise last


def _planned(
    course: Course, wanted: Sequence[Step], before: Before[UUID], now: dt.datetime, own: Sequence[Sitting] = ()
) -> tuple[list[Option[UUID]], dict[UUID, Practitioner]]:
    """`own`: sittings that may move; the times they hold are as good as free for any of their kind."""
    choices, people = options(course, wanted, since=before.day, now=now)
    held = [(_appointment(one).kind, _option(_appointment(one))) for one in own]
    choices = [
        [*offered, *(option for kind, option in held if kind == step.kind and option.who in people)]
        for step, offered in zip(wanted, choices, strict=True)
    ]
    found = plan([step.gap for step in wanted], choices, before)
    if isinstance(found, Stuck):
        step = wanted[found.sitting]
        told = f"Sitting {step.number} ({course.phases[step.phase]['name']}) fits nowhere after those before it."
        raise NoPlan(reasons=[Reason(NoPlan.code, told)])
    return found, people


def _reflowed(course: Course, done: Sequence[Sitting], rest: Sequence[Sitting], now: dt.datetime) -> int:
    """Those ahead move first, into each other's times if need be; then the missed ones are booked in what is free."""
    by_number = {step.number: step for step in steps(course.phases)}
    wanted = [by_number[one.number] for one in rest]
    before = _before(done, course, now)
    lost = max(0, (_today(course, now) - before.day).days)  # days that have passed since, which nobody can give back
    gap = wanted[0].gap if done else Gap(0, 0)
    wanted[0] = wanted[0]._replace(gap=Gap(gap.least, max(gap.most, lost) + SLACK))
    ahead = [one for one in rest if _is_ahead(one)]
    chosen, people = _planned(course, wanted, before, now, own=ahead)
    plans = dict(zip([one.number for one in rest], chosen, strict=True))
    moving = [one for one in ahead if plans[one.number] != _option(_appointment(one))]
    moves = [Move(_appointment(one), plans[one.number].starts_at, people[plans[one.number].who]) for one in moving]
    if moves:
        reschedule_many(moves=moves, by=course.ordered_by, now=now)
    new = [one for one in rest if not _is_ahead(one)]
    asked = [_wanted(course, by_number[one.number], plans[one.number], people) for one in new]
    booked = book_many(wanted=asked, by=course.ordered_by, now=now).done
    for number, one in enumerate(new):
        one.appointment, one.missed = booked[number], one.missed + 1
        one.save(update_fields=["appointment", "missed"])
    return len(moves)


def _wanted(course: Course, step: Step, one: Option[UUID], people: dict[UUID, Practitioner]) -> Wanted:
    return Wanted(step.kind, course.patient, people[one.who], one.starts_at, reason=str(course.reason))


def _option(row: Appointment) -> Option[UUID]:
    local = row.starts_at.astimezone(row.practitioner.place.clock).replace(tzinfo=None)
    return Option(row.starts_at, row.ends_at, local, row.practitioner_id)


def _before(done: Sequence[Sitting], course: Course, now: dt.datetime) -> Before[UUID]:
    """The last sitting that was or will be given before the first missed one; without any, the course's first day."""
    given = [_appointment(one) for one in done if not _is_missed(one)]
    if not given:
        return Before(_first_day(course, now))
    last = _option(given[-1])
    return Before(last.local.date(), last.local, last.who)


def _first_day(course: Course, now: dt.datetime) -> dt.date:
    return max(course.starts_on, _today(course, now))


def _today(course: Course, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(current_clinic().zone)).date()


def _is_missed(one: Sitting) -> bool:
    return one.appointment is None or one.appointment.state in GONE


def _is_ahead(one: Sitting) -> bool:
    return one.appointment is not None and one.appointment.state in AHEAD


def _appointment(one: Sitting) -> Appointment:
    assert one.appointment is not None, "only a missed sitting may be without one"
    return one.appointment


def _locked(course_id: UUID) -> Course:
    return Course.objects.select_related("patient").select_for_update(of=("self",), no_key=True).get(pk=course_id)


def _stuck(course: Course, refused: Refused) -> Course:
    course.state = Course.State.STUCK
    course.why = [why.on_wire() for why in refused.reasons[:MOST_REASONS]]
    course.save(update_fields=["state", "why"])
    publish(CourseStuck(course_id=course.id))
    return course


@transaction.atomic
def give_up(*, course_id: UUID) -> None:
    """No try to plan it came to an end: somebody may look, and have it planned anew, instead of waiting for it for ever."""
    course = _locked(course_id)
    if course.state == Course.State.PLANNING:
        _stuck(course, PlanningFailed())


def _maybe_done(course: Course, sittings: Sequence[Sitting]) -> Course:
    if course.state == Course.State.BOOKED and all(_appointment(one).state == State.COMPLETED for one in sittings):
        course.state = Course.State.DONE
        course.save(update_fields=["state"])
        publish(CourseDone(course_id=course.id))
    return course
