"""How is a chart opened in an emergency, closed again, and the opening reviewed?"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from psycopg.types.range import TimestamptzRange

from accounts.membership import Member
from healthcare.core import throttles
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.throttles import Limit
from patients.glass.events import ChartClosed, ChartOpened, OpeningReviewed, ReviewOverdue
from patients.glass.models import Opening
from patients.models import Patient

OPEN = Limit("break_glass", 10, 3600)  # a chart each; more than that is no emergency of one person


class AlreadyOpen(Refused):
    code = "already_open"
    detail = "You have opened this chart already; it closes by itself."


class NotOpen(Refused):
    code = "not_open"
    detail = "This chart is closed again."


class ReviewClosed(Refused):
    code = "review_closed"
    detail = "This opening was reviewed already."


class NotOnesOwn(Refused):
    code = "not_ones_own"
    detail = "Nobody reviews what they opened themselves."


def open_chart(*, patient: Patient, reason: str, by: Member, now: dt.datetime) -> Opening:
    """Open one chart for some minutes; the patient and the compliance officers are told. Raises AlreadyOpen, TooMany."""
    throttles.hit(OPEN, str(by.user_id))
    until = now + dt.timedelta(seconds=settings.BREAK_GLASS_SECONDS)
    row = Opening(patient=patient, user_id=by.user_id, reason=reason, during=TimestamptzRange(now, until))
    with transaction.atomic():
        with refusing("opening_one_at_a_time", AlreadyOpen):
            row.save(force_insert=True)
        publish(ChartOpened(opening_id=row.id, patient_id=patient.id, user_id=by.user_id))
    return row


def close_chart(*, opening: Opening, by: Member, now: dt.datetime) -> Opening:
    """Close it before its time. Raises NotOpen."""
    with transaction.atomic():
        row = Opening.objects.select_for_update().get(pk=opening.pk)
        if not row.is_open(now):
            raise NotOpen
        row.during = TimestamptzRange(row.opened_at, now)
        row.save(update_fields=["during"])
        publish(ChartClosed(opening_id=row.id, patient_id=row.patient_id))
    return row


def review(*, opening: Opening, finding: str, remark: str, by: Member, now: dt.datetime) -> Opening:
    """Close the review with a finding, once. Raises ReviewClosed, NotOnesOwn."""
    with transaction.atomic():
        row = Opening.objects.select_for_update().get(pk=opening.pk)
        if row.reviewed_at is not None:
            raise ReviewClosed
        if row.user_id == by.user_id:
            raise NotOnesOwn
        row.reviewed_at, row.reviewed_by, row.finding, row.remark = now, by.user_id, finding, remark
        row.save(update_fields=["reviewed_at", "reviewed_by", "finding", "remark"])
        publish(OpeningReviewed(opening_id=row.id, patient_id=row.patient_id, finding=finding))
    return row


def remind(*, now: dt.datetime) -> int:
    """Tell of the reviews that are overdue in the current clinic. Answers how many there are."""
    overdue = list(Opening.objects.overdue(now).order_by("id"))
    with transaction.atomic():
        for row in overdue:
            publish(ReviewOverdue(opening_id=row.id, patient_id=row.patient_id))
    return len(overdue)
