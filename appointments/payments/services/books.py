"""How do the books follow what happened to money? Each step under the locks of bill and payment; the sums change with it."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from appointments.payments.events import PaymentLapsed, PaymentReceived, PaymentRefunded, RefundFailed
from appointments.payments.models import Bill, Payment, Refund
from appointments.payments.services import receipts
from healthcare.core.errors import NotFound
from healthcare.core.events import publish


def locked_payment(payment_id: UUID) -> Payment:
    """Bill first, then payment, by everybody. Raises NotFound."""
    bill = Bill.objects.select_for_update(no_key=True).filter(payments=payment_id).first()
    if bill is None:
        raise NotFound
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    payment.bill = bill
    return payment


def reserve(bill: Bill, amount: Decimal) -> None:
    """Whoever asks for money takes it off what may still be asked for (constraint bill_never_overpaid)."""
    bill.taken += amount
    bill.save(update_fields=["taken"])


def received(payment: Payment, *, now: dt.datetime) -> None:
    payment.state, payment.received_at = Payment.State.RECEIVED, now
    payment.save(update_fields=["state", "received_at", "charge_id"])
    receipt = receipts.issue(payment=payment, now=now)
    publish(PaymentReceived(payment_id=payment.id, appointment_id=payment.bill.appointment_id, receipt_id=receipt.id))


def lapsed(payment: Payment) -> None:
    payment.state = Payment.State.LAPSED
    payment.save(update_fields=["state"])
    reserve(payment.bill, -payment.amount)
    publish(PaymentLapsed(payment_id=payment.id, appointment_id=payment.bill.appointment_id))


def owed(payment: Payment, amount: Decimal, *, why: str, by: UUID | None) -> Refund:
    """A refund that is to be made (constraint payment_returned_within_amount)."""
    payment.returned += amount
    payment.save(update_fields=["returned"])
    refund = Refund(payment=payment, amount=amount, state=Refund.State.OWED, why=why, by=by)
    refund.save(force_insert=True)
    return refund


def given_back(refund: Refund, *, now: dt.datetime) -> None:
    payment = refund.payment
    refund.state, refund.done_at = Refund.State.DONE, now
    refund.save(update_fields=["state", "done_at", "provider_id"])
    reserve(payment.bill, -refund.amount)
    receipt = receipts.issue(refund=refund, now=now)
    publish(
        PaymentRefunded(
            refund_id=refund.id, payment_id=payment.id, appointment_id=payment.bill.appointment_id, receipt_id=receipt.id
        )
    )


def refund_failed(refund: Refund) -> None:
    """What was owed only is as if never asked for; what went out and came back is still the patient's."""
    payment = refund.payment
    if refund.state == Refund.State.OWED:
        payment.returned -= refund.amount
        payment.save(update_fields=["returned"])
    refund.state = Refund.State.FAILED if refund.state == Refund.State.OWED else Refund.State.BOUNCED
    refund.save(update_fields=["state", "provider_id"])
    publish(
        RefundFailed(
            refund_id=refund.id,
            payment_id=payment.id,
            appointment_id=payment.bill.appointment_id,
            state=str(refund.state),
        )
    )
