"""How do the books and the gateway come to agree? First the gateway is asked, with no lock held; then the books are written.

Our row is there before the gateway hears of it, and its id is the gateway's idempotency key. Killed between the two, the job
is done again: the gateway answers the same, the books are written once. What it told us in whatever order makes no
difference, as it is only a reason to look.
"""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.db import transaction

from appointments.payments.events import PaymentOpened
from appointments.payments.models import UNSETTLED, Payment, Refund
from appointments.payments.providers.base import GatewaySaysNo, Order, Return, Seen
from appointments.payments.providers.registry import gateway
from appointments.payments.services import books
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue

S = Payment.State
# between looks, once an order should be over or a refund be made; gateways may take days for either
CHECKS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))


def place(*, payment_id: UUID, now: dt.datetime) -> None:
    """Give the order to the gateway."""
    payment = Payment.objects.select_related("bill").get(pk=payment_id)
    if payment.state != S.OPENING or payment.expires_at is None or now >= payment.expires_at:
        return
    order = Order(payment.id, payment.amount, payment.bill.currency, payment.expires_at, settings.PAYMENT_RETURN_URL)
    try:
        made = gateway(payment.provider).open(order)
    except GatewaySaysNo:
        with transaction.atomic():
            row = books.locked_payment(payment_id)
            if row.state in UNSETTLED and not row.provider_id:
                books.lapsed(row)
        return
    with transaction.atomic():
        row = books.locked_payment(payment_id)
        if row.state not in (S.OPENING, S.CLOSING):
            return  # it lapsed meanwhile; nobody has the address at which it could be paid
        row.provider_id, row.pay_url, row.expires_at = made.provider_id, made.pay_url, made.expires_at
        row.state = S.OPEN if row.state == S.OPENING else row.state
        row.save(update_fields=["provider_id", "pay_url", "expires_at", "state"])
        publish(PaymentOpened(payment_id=row.id, appointment_id=row.bill.appointment_id))


def close(*, payment_id: UUID, now: dt.datetime) -> None:
    """Tell the gateway that the order is off, and see what became of it."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state == S.CLOSING and payment.provider_id:
        gateway(payment.provider).close(payment.provider_id)
    settle(payment_id=payment_id, now=now)


def settle(*, payment_id: UUID, now: dt.datetime) -> bool:
    """Look how the order stands and write it down. Answers whether it is settled for good."""
    payment = Payment.objects.select_related("bill").get(pk=payment_id)
    if payment.state == S.LAPSED:
        return True
    seen = gateway(payment.provider).look(payment.provider_id, payment.bill.currency) if payment.provider_id else Seen()
    with transaction.atomic():
        row = books.locked_payment(payment_id)
        _agree(row, seen, now)
    return row.state not in UNSETTLED and not row.refunds.filter(state=Refund.State.OWED).exists()


def look_again(*, payment_id: UUID, chain: UUID, round: int) -> None:
    """Owe another look, later each time. `chain` is the row for whose sake: a payment's looks and a refund's are apart."""
    wait = CHECKS[min(round, len(CHECKS) - 1)]
    key = f"payment.settle:{chain}:{round + 1}"
    enqueue("payment.settle", key=key, after=wait, payment_id=payment_id, chain=chain, round=round + 1)


def give_back(*, refund_id: UUID, now: dt.datetime) -> None:
    """Have the gateway make a refund that is owed."""
    refund = Refund.objects.select_related("payment__bill").get(pk=refund_id)
    payment = refund.payment
    if refund.state != Refund.State.OWED:
        return
    order = {"charge_id": payment.charge_id, "amount": refund.amount, "currency": payment.bill.currency}
    try:
        made = gateway(payment.provider).give_back(key=refund.id, **order)  # type: ignore[arg-type]
    except GatewaySaysNo:
        made = Return("", "failed", refund.amount, refund.id)
    with transaction.atomic():
        row = books.locked_payment(payment.id)
        _agree_on_return(row, made, now)
    if made.state == "pending":
        look_again(payment_id=payment.id, chain=refund_id, round=1)


def _agree(row: Payment, seen: Seen, now: dt.datetime) -> None:
    if seen.is_paid and row.state in UNSETTLED:
        row.charge_id = seen.charge_id
        books.received(row, now=now)
    elif row.state in UNSETTLED and (seen.is_over or _never_placed(row, now)):
        books.lapsed(row)
    if row.state == S.RECEIVED:
        for made in seen.returns:
            _agree_on_return(row, made, now)


def _never_placed(row: Payment, now: dt.datetime) -> bool:
    """The gateway has never heard of it, and will not: `payment.open` places no order that is past its time."""
    return not row.provider_id and row.expires_at is not None and (row.state == S.CLOSING or now >= row.expires_at)


def _agree_on_return(payment: Payment, made: Return, now: dt.datetime) -> None:
    rows = payment.refunds.select_for_update(no_key=True)
    refund = rows.filter(pk=made.key).first() if made.key else rows.filter(provider_id=made.provider_id).first()
    if refund is None:
        if made.state == "failed" or made.amount > payment.amount - payment.returned:
            return
        refund = books.owed(payment, made.amount, why=Refund.Why.OUTSIDE, by=None)
    refund.payment, refund.provider_id = payment, made.provider_id or refund.provider_id
    state = refund.state
    if made.state == "done" and state == Refund.State.OWED:
        books.given_back(refund, now=now)
    elif made.state == "failed" and state in (Refund.State.OWED, Refund.State.DONE):
        books.refund_failed(refund)
    elif made.state == "pending" and state == Refund.State.OWED:
        refund.save(update_fields=["provider_id"])
