"""What do clients send about money, and what do they see? Amounts are decimal strings in the bill's currency."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from appointments.models import Appointment
from appointments.payments.models import Bill, Payment, Receipt, Refund
from appointments.payments.money import DIGITS, PLACES, shown
from appointments.payments.services.bills import usual_price
from appointments.payments.services.receipts import written
from healthcare.core.shapes import Strict, Text
from healthcare.core.tenancy import current_clinic


class Amount(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=PLACES, **{"min_value": Decimal(0), **kwargs})


class TakeInput(Strict):
    method = serializers.ChoiceField(choices=Payment.Method.choices, help_text="`online`: by the clinic's gateway.")
    amount = Amount(required=False, help_text="Left out: all that is due.")
    reference = Text(max_length=40, required=False, allow_blank=True, default="", help_text="Of a slip; never a card's number.")


class PriceInput(Strict):
    price = Amount()


class RefundInput(Strict):
    why = serializers.ChoiceField(choices=[c for c in Refund.Why.choices if c[0] != Refund.Why.OUTSIDE])
    amount = Amount(required=False, help_text="Left out: all that is left of the payment.")


class RefundOutput(serializers.Serializer[Refund]):
    id = serializers.UUIDField()
    amount = serializers.CharField()
    state = serializers.ChoiceField(choices=Refund.State.choices)
    why = serializers.ChoiceField(choices=Refund.Why.choices)
    created_at = serializers.DateTimeField()
    receipt = serializers.CharField(allow_null=True, help_text="Number of the credit note.")

    def to_representation(self, row: Refund) -> dict[str, Any]:
        return {
            "id": str(row.id),
            "amount": shown(row.amount, self.context["currency"]),
            "state": str(row.state),
            "why": str(row.why),
            "created_at": local(row.created_at),
            "receipt": number_of(row),
        }


class PaymentOutput(serializers.Serializer[Payment]):
    id = serializers.UUIDField()
    amount = serializers.CharField()
    returned = serializers.CharField(help_text="Given back, or about to be.")
    currency = serializers.CharField()
    method = serializers.ChoiceField(choices=Payment.Method.choices)
    state = serializers.ChoiceField(choices=Payment.State.choices)
    pay_url = serializers.CharField(allow_blank=True, help_text="Where to pay, while it is `open`.")
    reference = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    receipt = serializers.CharField(allow_null=True, help_text="Its number.")
    refunds = RefundOutput(many=True)
    version = serializers.IntegerField()

    def to_representation(self, row: Payment) -> dict[str, Any]:
        currency = row.bill.currency
        refunds = sorted(row.refunds.all(), key=lambda one: one.id)
        return {
            "id": str(row.id),
            "amount": shown(row.amount, currency),
            "returned": shown(row.returned, currency),
            "currency": currency,
            "method": str(row.method),
            "state": str(row.state),
            "pay_url": row.pay_url if row.state == Payment.State.OPEN else "",
            "reference": row.reference,
            "created_at": local(row.created_at),
            "expires_at": local(row.expires_at),
            "received_at": local(row.received_at),
            "receipt": number_of(row),
            "refunds": RefundOutput(refunds, many=True, context={"currency": currency}).data,
            "version": row.version,
        }


@extend_schema_serializer(many=False)  # all of one appointment, though it is what listing gives
class BillOutput(serializers.Serializer[Any]):
    """`context["payments"]`: the bill's own, oldest first. An appointment without a bill shows its usual price."""

    appointment = serializers.UUIDField()
    price = serializers.CharField(allow_null=True, help_text="Null: nobody has set one.")
    currency = serializers.CharField()
    received = serializers.CharField(help_text="Paid, less what was given back.")
    due = serializers.CharField(help_text="What may be paid now: neither paid nor being paid.")
    version = serializers.IntegerField(help_text="0 until something was asked for.")
    payments = PaymentOutput(many=True)

    def to_representation(self, appointment: Appointment) -> dict[str, Any]:
        bill: Bill | None = self.context["bill"]
        payments: list[Payment] = self.context["payments"]
        currency = bill.currency if bill else current_clinic().currency
        price = bill.price if bill else usual_price(appointment)
        got = [one for one in payments if one.state == Payment.State.RECEIVED]
        back = [r.amount for one in got for r in one.refunds.all() if r.state in (Refund.State.DONE, Refund.State.BOUNCED)]
        due = (price or Decimal(0)) - (bill.taken if bill else 0)
        return {
            "appointment": str(appointment.id),
            "price": None if price is None else shown(price, currency),
            "currency": currency,
            "received": shown(sum((one.amount for one in got), Decimal(0)) - sum(back, Decimal(0)), currency),
            "due": shown(due, currency),
            "version": bill.version if bill else 0,
            "payments": PaymentOutput(payments, many=True).data,
        }


class ReceiptOutput(serializers.Serializer[Receipt]):
    number = serializers.CharField()
    issued_at = serializers.DateTimeField()
    text = serializers.CharField(help_text="To print or to send.")

    def to_representation(self, row: Receipt) -> dict[str, Any]:
        knows = self.context["member"].may("patient.view")
        return {"number": row.number, "issued_at": local(row.issued_at), "text": written(row, with_patient=knows)}


class GatewayNoteInput(serializers.Serializer[Any]):
    """A gateway's own message, verified by its signature."""

    id = serializers.CharField()


class GatewayNoteOutput(serializers.Serializer[Any]):
    received = serializers.BooleanField()


def number_of(row: Payment | Refund) -> str | None:
    receipt = getattr(row, "receipt", None)
    return receipt.number if receipt is not None else None


def local(instant: Any) -> str | None:
    return instant.astimezone(ZoneInfo(current_clinic().zone)).isoformat() if instant else None
