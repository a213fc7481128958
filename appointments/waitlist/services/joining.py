"""How does somebody come onto the waitlist, and leave it?"""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.models import Appointment, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services import steps
from appointments.services.locked import locked
from appointments.waitlist.events import WaitlistJoined, WaitlistLeft
from appointments.waitlist.models import Offer, Wish
from healthcare.core.errors import NotFound, Reason, Refused, refusing
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import current_clinic
from patients.models import Patient

LONGEST = dt.timedelta(days=180)


class AlreadyWaiting(Refused):
    code = "already_waiting"
    detail = "You are on the waitlist for this kind of appointment already."


class NotEligible(Refused):
    code = "not_eligible"
    detail = "The patient can't have this kind of appointment."


class BadDays(Refused):
    status = 400
    code = "bad_days"
    detail = "The days must lie ahead, in order, within 180 days."


class NotWaiting(Refused):
    code = "not_waiting"
    detail = "This place on the waitlist is over."


@transaction.atomic
def join(
    *,
    patient: Patient,
    kind: str,
    from_on: dt.date,
    until_on: dt.date,
    by: UUID | None,
    now: dt.datetime,
    practitioner: Practitioner | None = None,
    location_id: UUID | None = None,
    urgency: str = Priority.NORMAL,
    weekdays: tuple[int, ...] = (),
    earliest: dt.time | None = None,
    latest: dt.time | None = None,
) -> Wish:
    """A place on the list. Raises UnknownKind, NotEligible, BadDays, AlreadyWaiting."""
    sort = kind_named(kind)
    if why := sort.eligibility(patient, now):
        raise NotEligible(reasons=why)
    if practitioner is not None and not sort.performed_by(practitioner):
        raise NotEligible(reasons=[Reason("kind_not_offered", "The practitioner does not offer this kind.")])
    today = now.astimezone(ZoneInfo(current_clinic().zone)).date()
    if not (from_on <= until_on and today <= until_on and until_on - today <= LONGEST):
        raise BadDays
    row = Wish(
        patient=patient, kind=kind, practitioner=practitioner, location_id=location_id, urgency=urgency, from_on=from_on,
        until_on=until_on, weekdays=sorted(set(weekdays)), earliest=earliest, latest=latest, joined_at=now, joined_by=by,
    )  # fmt: skip
    with refusing("wish_once_a_kind", AlreadyWaiting):
        row.save(force_insert=True)
    publish(WaitlistJoined(wish_id=row.id))
    enqueue("waitlist.look", key=f"waitlist.look:{row.id}:0", wish_id=row.id)
    ends = dt.datetime.combine(until_on + dt.timedelta(days=1), dt.time(), ZoneInfo(current_clinic().zone))
    enqueue("waitlist.lapse", key=f"waitlist.lapse:{row.id}", after=ends - now, wish_id=row.id)
    return row


@transaction.atomic
def leave(*, wish: Wish, by: UUID | None, now: dt.datetime) -> Wish:
    """Off the list; what is offered goes to the next. Raises NotWaiting, NotFound."""
    return _off(wish.pk, Wish.State.LEFT, by, now)


@transaction.atomic
def lapse(*, wish_id: UUID, now: dt.datetime) -> None:
    """Its last day has passed. One that is over already is left alone."""
    if Wish.objects.filter(pk=wish_id, state__in=(Wish.State.WAITING, Wish.State.OFFERED)).exists():
        _off(wish_id, Wish.State.LAPSED, None, now)


class _OfferedMeanwhile(Exception):
    """Between the look at what is offered and the lock of the wish."""


def _off(wish_id: UUID, state: Wish.State, by: UUID | None, now: dt.datetime) -> Wish:
    while True:
        try:
            with transaction.atomic():
                return _taken_off(wish_id, state, by, now)
        except _OfferedMeanwhile:
            continue


def _taken_off(wish_id: UUID, state: Wish.State, by: UUID | None, now: dt.datetime) -> Wish:
    """Locks: the appointment that is offered, then the wish, as by everybody."""
    open_ones = Appointment.objects.filter(offer__wish=wish_id, offer__state=Offer.State.OPEN)
    offered = open_ones.first()
    if offered is not None:
        locked(offered)
    wish = Wish.objects.select_for_update(no_key=True).filter(pk=wish_id).first()
    if wish is None:
        raise NotFound
    if open_ones.first() != offered:
        raise _OfferedMeanwhile
    if wish.state not in (Wish.State.WAITING, Wish.State.OFFERED):
        raise NotWaiting
    wish.state = state
    wish.save(update_fields=["state"])
    publish(WaitlistLeft(wish_id=wish.id, state=str(state)))
    if offered is not None:
        steps.cancel(appointment=offered, by=by, now=now)
        wish.refresh_from_db()
    return wish
