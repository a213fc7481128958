"""How does money go back? Counted before it goes, so that two refunds at once can't be more than was paid."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from appointments.payments.events import RefundOwed
from appointments.payments.models import Payment, Refund
from appointments.payments.money import positive, shown
from appointments.payments.providers.registry import DESK
from appointments.payments.services import books
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue


class NotReceived(Refused):
    code = "not_received"
    detail = "Nothing was received with this payment, so nothing can go back."


class MoreThanPaid(Refused):
    code = "more_than_paid"
    detail = "No more can go back than was paid."


@transaction.atomic
def refund(*, payment_id: UUID, why: str, by: UUID, now: dt.datetime, amount: Decimal | None = None) -> Refund:
    """Give back an amount, or all that is left of the payment: at the desk at once, by the gateway in a job.

    Raises NotFound, NotReceived, MoreThanPaid, NotAnAmount.
    """
    payment = books.locked_payment(payment_id)
    if payment.state != Payment.State.RECEIVED:
        raise NotReceived
    left, currency = payment.amount - payment.returned, payment.bill.currency
    if left <= 0:
        raise MoreThanPaid
    wanted = positive(left if amount is None else amount, currency)
    if wanted > left:
        raise MoreThanPaid(reasons=[Reason(MoreThanPaid.code, f"{shown(left, currency)} {currency} is left of it.")])
    row = books.owed(payment, wanted, why=why, by=by)
    publish(RefundOwed(refund_id=row.id, payment_id=payment.id, appointment_id=payment.bill.appointment_id))
    if payment.provider == DESK:
        books.given_back(row, now=now)
    else:
        enqueue("payment.refund", key=f"payment.refund:{row.id}", refund_id=row.id)
    return row
