"""How is an appointment paid over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.models import Appointment
from appointments.payments.models import Bill, Payment, Receipt, chargeable_to
from appointments.payments.serializers import (
    BillOutput,
    GatewayNoteInput,
    GatewayNoteOutput,
    PaymentOutput,
    PriceInput,
    ReceiptOutput,
    RefundInput,
    TakeInput,
)
from appointments.payments.services import notes, refunding, taking
from appointments.payments.services.bills import set_price
from healthcare.core.errors import Forbidden, NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.views import OPEN, ClinicViewSet

ONE = {200: PaymentOutput}


class PaymentViewSet(ClinicViewSet):
    tags = ("payments",)
    queryset = Payment.objects.none()
    needs = {
        "list": "payment.view",
        "retrieve": "payment.view",
        "receipt": "payment.view",
        "credit_note": "payment.view",
        "create": "payment.pay",
        "price": "payment.take",
        "withdraw": "payment.pay",
        "refund": "payment.refund",
    }

    @extend_schema(responses={200: BillOutput})
    def list(self, request: Any, appointment_id: UUID) -> Response:
        """What it costs, what is due, and every payment with what was given back."""
        return self._bill(self._appointment(appointment_id))

    @extend_schema(request=TakeInput, responses={201: PaymentOutput})
    def create(self, request: Any, appointment_id: UUID) -> Response:
        """Take money at the desk (`payment.take`), or ask for an online payment: `pay_url` follows within seconds."""
        row, asked = self._appointment(appointment_id), self.parsed(TakeInput)
        known = {"appointment": row, "by": self.member.user_id, "now": timezone.now(), "amount": asked.get("amount")}
        if asked["method"] == Payment.Method.ONLINE:
            made = taking.ask_online(**known)
        else:
            self._at_the_desk()
            made = taking.take(method=asked["method"], reference=asked["reference"], **known)
        return self._answer(made.id, 201)

    @extend_schema(request=PriceInput, responses={200: BillOutput})
    def price(self, request: Any, appointment_id: UUID) -> Response:
        """Say what this appointment costs (`price_below_paid` where more than that is paid)."""
        row, asked = self._appointment(appointment_id), self.parsed(PriceInput)
        if (bill := Bill.objects.filter(appointment=row).first()) is not None:
            self.fresh(bill)
        set_price(appointment=row, by=self.member.user_id, now=timezone.now(), **asked)
        return self._bill(row)

    @extend_schema(responses=ONE)
    def retrieve(self, request: Any, appointment_id: UUID, payment_id: UUID) -> Response:
        return self._answer(self._payment(appointment_id, payment_id).id)

    @extend_schema(request=Nothing, responses=ONE)
    def withdraw(self, request: Any, appointment_id: UUID, payment_id: UUID) -> Response:
        """It is not to be paid any more. What was paid in the same moment is received all the same."""
        self.parsed(Nothing)
        row = self._payment(appointment_id, payment_id)
        taking.withdraw(payment_id=row.id, by=self.member.user_id, now=timezone.now())
        return self._answer(row.id)

    @extend_schema(request=RefundInput, responses={201: PaymentOutput})
    def refund(self, request: Any, appointment_id: UUID, payment_id: UUID) -> Response:
        """Give back an amount, or all that is left; `more_than_paid` beyond that."""
        row, asked = self._payment(appointment_id, payment_id), self.parsed(RefundInput)
        refunding.refund(payment_id=row.id, by=self.member.user_id, now=timezone.now(), **asked)
        return self._answer(row.id, 201)

    @extend_schema(responses={200: ReceiptOutput})
    def receipt(self, request: Any, appointment_id: UUID, payment_id: UUID) -> Response:
        """For what was received."""
        return self._paper(payment=self._payment(appointment_id, payment_id))

    @extend_schema(responses={200: ReceiptOutput})
    def credit_note(self, request: Any, appointment_id: UUID, payment_id: UUID, refund_id: UUID) -> Response:
        """For what was given back."""
        return self._paper(refund=refund_id, refund__payment=self._payment(appointment_id, payment_id))

    # -- what they share
    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": self.member}

    def _appointment(self, appointment_id: UUID) -> Appointment:
        found = chargeable_to(self.member, str(self.need)).select_related("patient").filter(pk=appointment_id).first()
        if found is None:
            raise NotFound
        return found

    def _payment(self, appointment_id: UUID, payment_id: UUID) -> Payment:
        rows = Payment.objects.visible_to(self.member, str(self.need))
        found = rows.filter(pk=payment_id, bill__appointment=appointment_id).first()
        if found is None:
            raise NotFound
        return found

    def _paper(self, **of: Any) -> Response:
        ways = (f"{to}bill__appointment__patient" for to in ("payment__", "refund__payment__"))
        if (found := Receipt.objects.select_related(*ways).filter(**of).first()) is None:
            raise NotFound
        return self.answer(found, ReceiptOutput)

    def _answer(self, payment_id: UUID, status: int = 200) -> Response:
        return self.answer(Payment.objects.whole().get(pk=payment_id), PaymentOutput, status=status)

    def _bill(self, row: Appointment) -> Response:
        bill = Bill.objects.filter(appointment=row).first()
        payments = list(Payment.objects.filter(bill=bill).whole().order_by("id"))
        headers = {"ETag": f'"{bill.version}"'} if bill else {}
        return Response(BillOutput(row, context={"bill": bill, "payments": payments}).data, headers=headers)

    def _at_the_desk(self) -> None:
        if not self.member.may("payment.take"):
            raise Forbidden("Cash and cards are taken at the desk; pay `online`.")


class GatewayViewSet(ClinicViewSet):
    """Where gateways tell us things. The clinic is in the path; the signature, not a person, proves who speaks."""

    tags = ("payments",)
    queryset = Payment.objects.none()
    needs = {"create": OPEN}

    @extend_schema(request=GatewayNoteInput, responses={200: GatewayNoteOutput})
    def create(self, request: Any, clinic_id: str, provider: str) -> Response:
        """Kept and answered at once; what follows from it is done by a job. The same message again changes nothing."""
        body = request._request.body
        notes.note(provider=provider, body=body, headers=request.headers, now=timezone.now())
        return Response({"received": True})
