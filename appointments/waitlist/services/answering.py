"""What follows when an offered appointment is confirmed, given back or runs out, by whichever way that happened?"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.services import steps
from appointments.services.locked import locked
from appointments.waitlist.events import WaitlistAnswered, WaitlistLeft
from appointments.waitlist.models import Offer, Opening, Wish
from appointments.waitlist.services.filling import close, next_look
from healthcare.core.errors import Refused
from healthcare.core.events import publish

MISSED = 3  # offers that go by unanswered until somebody is taken off the list


class NoOffer(Refused):
    code = "no_offer"
    detail = "Nothing is offered at present; the offer may have run out."


@transaction.atomic
def accept(*, wish: Wish, by: UUID | None, now: dt.datetime) -> Appointment:
    """The offered appointment is booked. Raises NoOffer, HoldExpired."""
    return steps.confirm(appointment=_offered(wish), by=by, now=now)


@transaction.atomic
def decline(*, wish: Wish, by: UUID | None, now: dt.datetime) -> None:
    """The next one is asked; the wish waits for another time. Raises NoOffer."""
    steps.cancel(appointment=_offered(wish), by=by, now=now)


def answered(*, appointment_id: UUID, state: Offer.State, now: dt.datetime) -> bool:
    """In the transaction of the appointment's step, which holds its lock. Answers whether it was an open offer."""
    found = _answer(appointment_id, state, now)
    if found is None:
        return False
    opening, wish = found
    if state == Offer.State.ACCEPTED:
        _has(wish, appointment_id)
        close(opening=opening, state=Opening.State.FILLED, now=now)
        return True
    _waits_again(wish, unanswered=state == Offer.State.EXPIRED)
    next_look(opening.id, offers=opening.offers.count())
    return True


def handed_on(*, appointment_id: UUID, successor_id: UUID, now: dt.datetime) -> bool:
    """As `answered`, where the offered appointment was transferred: its patient has the successor, the next gets the time."""
    found = _answer(appointment_id, Offer.State.DECLINED, now)
    if found is None:
        return False
    opening, wish = found
    _has(wish, successor_id)
    next_look(opening.id, offers=opening.offers.count())
    return True


def _answer(appointment_id: UUID, state: Offer.State, now: dt.datetime) -> tuple[Opening, Wish] | None:
    offer = Offer.objects.filter(appointment=appointment_id, state=Offer.State.OPEN).first()
    if offer is None:
        return None
    opening = Opening.objects.select_for_update(no_key=True).get(pk=offer.opening_id)
    wish = Wish.objects.select_for_update(no_key=True).get(pk=offer.wish_id)
    offer.state, offer.answered_at = state, now
    offer.save(update_fields=["state", "answered_at"])
    publish(WaitlistAnswered(offer_id=offer.id, wish_id=wish.id, appointment_id=appointment_id, state=str(state)))
    return opening, wish


def _has(wish: Wish, appointment_id: UUID) -> None:
    wish.state, wish.appointment_id = Wish.State.BOOKED, appointment_id
    wish.save(update_fields=["state", "appointment"])


def _waits_again(wish: Wish, *, unanswered: bool) -> None:
    if wish.state != Wish.State.OFFERED:
        return  # they left, and that is why it was given back
    wish.missed += unanswered
    wish.state = Wish.State.LAPSED if wish.missed >= MISSED else Wish.State.WAITING
    wish.save(update_fields=["state", "missed"])
    if wish.state == Wish.State.LAPSED:
        publish(WaitlistLeft(wish_id=wish.id, state=str(wish.state)))


def _offered(wish: Wish) -> Appointment:
    found = Appointment.objects.filter(offer__wish=wish.pk, offer__state=Offer.State.OPEN).first()
    if found is None:
        raise NoOffer
    row = locked(found)
    if not Offer.objects.filter(appointment=row, state=Offer.State.OPEN).exists():
        raise NoOffer
    return row
