"""How does a course begin and end? Ordered now, planned and booked by a job; cancelled with all that lies ahead."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from appointments.courses.events import CourseCancelled, CourseOrdered
from appointments.courses.models import Course, CourseTemplate
from appointments.courses.services.planning import AHEAD
from appointments.models import Appointment, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims, steps
from appointments.services.locked import locked
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from patients.models import Patient

FURTHEST = dt.timedelta(days=366)
UNDER_WAY = (Course.State.PLANNING, Course.State.BOOKED)


class NotEligible(Refused):
    code = "not_eligible"
    detail = "The patient can't have all of this course."


class TooFar(Refused):
    code = "too_far"
    detail = "A course begins within a year from now."


class Backwards(Refused):
    code = "backwards"
    detail = "The latest start of a day is before the earliest."


class AlreadyOnIt(Refused):
    code = "already_on_it"
    detail = "The patient has a course by this template that is under way; cancel it first."


class CourseOver(Refused):
    code = "course_over"
    detail = "This course is over."


@transaction.atomic
def order(
    *,
    template: CourseTemplate,
    patient: Patient,
    starts_on: dt.date,
    by: UUID,
    now: dt.datetime,
    therapists: Sequence[Practitioner] = (),
    earliest: dt.time | None = None,
    latest: dt.time | None = None,
    reason: str = "",
) -> Course:
    """The patient's course, to be planned by a job. Raises UnknownKind, NotEligible with every reason, TooFar,
    Backwards, AlreadyOnIt."""
    if starts_on > (now + FURTHEST).date():
        raise TooFar
    if earliest is not None and latest is not None and earliest > latest:
        raise Backwards
    codes = dict.fromkeys(phase["kind"] for phase in template.phases)
    if why := [reason for code in codes for reason in kind_named(code).eligibility(patient, now)]:
        raise NotEligible(reasons=why)
    claims.queue_up(practitioners=(), patients=[patient.pk])  # ordered twice in one moment it is ordered once
    if Course.objects.filter(template=template, patient=patient, state__in=UNDER_WAY).exists():
        raise AlreadyOnIt
    row = Course(
        template=template, patient=patient, phases=template.phases, starts_on=starts_on, earliest=earliest, latest=latest,
        therapists=[str(one.pk) for one in therapists], reason=reason, ordered_by=by,
    )  # fmt: skip
    row.save(force_insert=True)
    publish(CourseOrdered(course_id=row.id))
    enqueue("course.plan", key=f"course.plan:{row.id}", course_id=row.id)
    return row


@transaction.atomic
def cancel(*, course: Course, by: UUID | None, now: dt.datetime, reason: str = "") -> Course:
    """End it: sittings that lie ahead are cancelled, those that were given stay. Raises CourseOver, NotFound.

    The course is locked first, as by who plans it: what is being booked just now is cancelled, too.
    """
    row = Course.objects.select_for_update(no_key=True).filter(pk=course.pk).first()
    if row is None:
        raise NotFound
    if row.state in (Course.State.DONE, Course.State.CANCELLED):
        raise CourseOver
    ahead = Appointment.objects.filter(sitting__course=course.pk, state__in=AHEAD).order_by("pk")
    rows = [locked(one) for one in ahead]
    row.state = Course.State.CANCELLED
    row.save(update_fields=["state"])
    publish(CourseCancelled(course_id=row.id))
    for one in rows:
        if one.state in AHEAD:
            steps.cancel(appointment=one, by=by, now=now, reason=reason)
    return row


@transaction.atomic
def again(*, course: Course, by: UUID, now: dt.datetime) -> Course:
    """Try a stuck course anew. Raises CourseOver where it is not stuck."""
    row = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    if row.state != Course.State.STUCK:
        raise CourseOver("Only a course that is stuck is planned anew.")
    if not row.sittings.exists():
        row.state = Course.State.PLANNING
        row.save(update_fields=["state"])
        enqueue("course.plan", key=f"course.plan:{row.id}:{row.version}", course_id=row.id)
    else:
        enqueue("course.reflow", key=f"course.reflow:{row.id}:again.{row.version}", course_id=row.id)
        row.save(update_fields=["why"])
    return row
