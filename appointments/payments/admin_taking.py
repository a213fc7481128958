"""How does the desk take money in a browser? The appointment's page leads here: what is owed, in how many parts, its receipts.

By the API's own verb. The page carries a key of its own, so that a double click takes once.
"""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.decorators import action as button

from appointments.admin_asking import AskForm, answer, may
from appointments.models import Appointment
from appointments.payments.models import Bill, Payment, Receipt, chargeable_to
from appointments.payments.money import DIGITS, PLACES
from appointments.payments.serializers import BillOutput
from appointments.payments.services import taking
from appointments.payments.services.bills import NoPrice, set_price
from appointments.payments.services.receipts import written
from healthcare.core.errors import StaleWrite
from healthcare.core.ids import as_id

TAKE = "payment.take"
METHODS = [(Payment.Method.CASH, "Cash"), (Payment.Method.CARD, "Card"), (Payment.Method.UPI, "UPI")]


class TakeForm(AskForm):
    amount = forms.DecimalField(
        max_digits=DIGITS, decimal_places=PLACES, required=False, help_text="Less than is owed: the rest stays owed.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    method = forms.ChoiceField(choices=METHODS, widget=forms.RadioSelect, label="How")
    reference = forms.CharField(
        max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Of the terminal's slip or the transfer; never a card's number.",
    )  # fmt: skip


class PriceForm(AskForm):
    """`version` is of the bill as the page showed it."""

    price = forms.DecimalField(
        max_digits=DIGITS, decimal_places=PLACES, min_value=0, label="Price",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


def may_take(admin: Any, request: Any, object_id: Any = None) -> bool:
    return may(request, TAKE)


@button(description="Take money", url_path="take-money", permissions=["take_money"])
def take_money(admin: Any, request: Any, object_id: str) -> HttpResponse:
    """Shows what is owed; takes it, or a part, and shows the receipt."""
    rows = chargeable_to(request.member, TAKE).select_related("patient", "practitioner")
    if (row := rows.filter(pk=as_id(object_id)).first()) is None:
        raise Http404
    bill = _bill(row)
    known: dict[str, Any] = {"by": request.member.user_id, "now": timezone.now()}
    prices, asked = "price" in request.POST, request.POST or None
    first = {"amount": bill["due"], "method": Payment.Method.CASH}
    form = TakeForm(None if prices else asked, member=request.member, initial=first)
    costs = PriceForm(asked if prices else None, member=request.member, initial={"version": bill["version"]})

    def take() -> Payment:
        more = {name: form.cleaned_data[name] for name in ("amount", "method", "reference")}
        return taking.take(appointment=row, **known, **more)

    def price() -> Bill:
        if costs.cleaned_data["version"] != bill["version"]:
            raise StaleWrite
        return set_price(appointment=row, price=costs.cleaned_data["price"], **known)

    facts: dict[str, Any] = {"title": "Take money", "does": "Take it"}
    facts["done"] = "The price is set." if prices else "The money is taken. The receipt is below."
    shown: dict[str, Any] = {"row": row, "bill": bill, "why_not": _why_not(row, bill), "papers": _papers(row, request.member)}
    shown["at"] = date_format(row.starts_at.astimezone(row.zone), "D j F, H:i")
    shown |= {"take_form": form, "price_form": costs}
    here = reverse("admin:appointments_appointment_take_money", args=[row.pk])
    return answer(
        request,
        costs if prices else form,
        price if prices else take,
        lambda _: here,
        template="admin/payments/take.html",
        **facts,
        **shown,
    )


def _bill(row: Appointment) -> dict[str, Any]:
    """As the API tells it."""
    bill = Bill.objects.filter(appointment=row).first()
    payments = list(Payment.objects.filter(bill__appointment=row).whole().order_by("id"))
    return dict(BillOutput(row, context={"bill": bill, "payments": payments}).data)


def _why_not(row: Appointment, bill: dict[str, Any]) -> str:
    """What speaks against taking anything at all; the verb has the last word."""
    if row.state in taking.NOT_CHARGED:
        return taking.NotChargeable.detail
    if bill["price"] is None:
        return NoPrice.detail
    return "" if Decimal(bill["due"]) > 0 else taking.NothingDue.detail


def _papers(row: Appointment, member: Any) -> list[dict[str, Any]]:
    """Receipts and credit notes, the newest first, as they are printed."""
    of = Q(payment__bill__appointment=row) | Q(refund__payment__bill__appointment=row)
    ways = [f"{way}bill__appointment__patient" for way in ("payment__", "refund__payment__")]
    found = Receipt.objects.filter(of).select_related(*ways).order_by("-year", "-serial")
    knows = member.may("patient.view")
    return [{"number": one.number, "text": written(one, with_patient=knows)} for one in found]
