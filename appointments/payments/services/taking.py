"""How is money asked for and taken? At the desk at once; online by a gateway, which is asked by a job after the commit."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.payments.models import UNSETTLED, Bill, Payment
from appointments.payments.money import positive, shown
from appointments.payments.providers.registry import DESK, gateway
from appointments.payments.services import books
from appointments.payments.services.bills import locked_bill
from appointments.workflow import State
from healthcare.core.errors import Malformed, Reason, Refused
from healthcare.core.jobs import enqueue

LIVES = dt.timedelta(minutes=45)  # an order; gateways want at least thirty, and the first try may be late
MOST = 40  # tries for one appointment; nobody needs more, and a page stays a page
NOT_CHARGED = (State.CANCELLED, State.EXPIRED, State.TRANSFERRED)
ABOUT_A_CARD = re.compile(r"(?:\d[ -]?){12,19}")


class TooMuch(Refused):
    code = "too_much"
    detail = "That is more than is still to be paid."


class NothingDue(Refused):
    code = "nothing_due"
    detail = "Nothing is due: it is paid, or somebody is paying it just now."


class NotChargeable(Refused):
    code = "not_chargeable"
    detail = "The appointment does not take place; there is nothing to pay."


class TooManyTries(Refused):
    code = "too_many_payments"
    detail = "There were too many payments for this appointment; ask the desk."


class AlreadySettled(Refused):
    code = "already_settled"
    detail = "This payment is paid or over already."


@transaction.atomic
def take(
    *,
    appointment: Appointment,
    method: str,
    by: UUID,
    now: dt.datetime,
    amount: Decimal | None = None,
    reference: str = "",
) -> Payment:
    """Money at the desk: received as this returns, with its receipt. Without an amount, all that is due.

    Raises NoPrice, NothingDue, TooMuch, NotChargeable, NotAnAmount, Malformed for a card's number as the reference.
    """
    if ABOUT_A_CARD.search(reference):
        raise Malformed("A card's number is never kept; give the slip's reference.")
    bill = locked_bill(appointment)
    payment = _asked_for(appointment, bill, amount, method=method, provider=DESK, state=Payment.State.RECEIVED, now=now, by=by)
    payment.reference, payment.received_at = reference, now
    payment.save(force_insert=True)
    books.received(payment, now=now)
    return payment


@transaction.atomic
def ask_online(*, appointment: Appointment, by: UUID, now: dt.datetime, amount: Decimal | None = None) -> Payment:
    """An order for the gateway; `pay_url` is there once the job has placed it. Raises as `take` does, and NoGateway."""
    provider = gateway().code
    bill = locked_bill(appointment)
    payment = _asked_for(
        appointment, bill, amount, method=Payment.Method.ONLINE, provider=provider, state=Payment.State.OPENING, now=now, by=by
    )
    payment.expires_at = now + LIVES
    payment.save(force_insert=True)
    enqueue("payment.open", key=f"payment.open:{payment.id}", payment_id=payment.id)
    look: dict[str, Any] = {"payment_id": payment.id, "chain": payment.id, "round": 0}
    enqueue("payment.settle", key=f"payment.settle:{payment.id}:0", after=LIVES, **look)
    return payment


@transaction.atomic
def withdraw(*, payment_id: UUID, by: UUID | None, now: dt.datetime) -> Payment:
    """It is not wanted any more. The gateway has the last word: what was paid meanwhile is received. Raises AlreadySettled."""
    payment = books.locked_payment(payment_id)
    if payment.state not in UNSETTLED:
        raise AlreadySettled
    if payment.state != Payment.State.CLOSING:
        payment.state = Payment.State.CLOSING
        payment.save(update_fields=["state"])
        enqueue("payment.close", key=f"payment.close:{payment.id}", payment_id=payment.id)
    return payment


def _asked_for(
    appointment: Appointment, bill: Bill, amount: Decimal | None, *, method: str, provider: str, state: str,
    now: dt.datetime, by: UUID,
) -> Payment:  # fmt: skip
    """A payment not yet written, its amount taken off what is due."""
    if appointment.state in NOT_CHARGED:
        raise NotChargeable
    due = bill.price - bill.taken
    if due <= 0:
        raise NothingDue
    wanted = positive(due if amount is None else amount, bill.currency)
    if wanted > due:
        raise TooMuch(reasons=[Reason(TooMuch.code, f"{shown(due, bill.currency)} {bill.currency} is due.")])
    if bill.payments.count() >= MOST:
        raise TooManyTries
    books.reserve(bill, wanted)
    return Payment(bill=bill, amount=wanted, method=method, provider=provider, state=state, taken_by=by)
