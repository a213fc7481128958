"""How does a test get one row of each audited model of the small apps beside the appointments?"""

from decimal import Decimal
from typing import Any

from monitoring.trail.tests import rows


def account() -> Any:
    from appointments.payments.models import GatewayAccount

    return GatewayAccount(provider="stripe", secret_key="headache", webhook_secret="headache")


def bill() -> Any:
    from appointments.payments.models import Bill

    return Bill(appointment=rows.saved(rows.appointment()), price=Decimal(10), currency="USD")


def payment() -> Any:
    from appointments.payments.models import Payment

    return Payment(bill=rows.saved(bill()), amount=Decimal(5), method="online", state="opening", provider="stripe")


def refund() -> Any:
    from appointments.payments.models import Refund

    return Refund(payment=rows.saved(payment()), amount=Decimal(1), state="owed", why="goodwill")


def receipt() -> Any:
    from appointments.payments.models import Receipt

    return Receipt(year=2026, serial=1, payment=rows.saved(payment()), issued_at=rows.NOW)


BESIDE = {
    "payments.gatewayaccount": (account, "is_active", False),
    "payments.bill": (bill, "price", Decimal(20)),
    "payments.payment": (payment, "state", "lapsed"),
    "payments.refund": (refund, "state", "failed"),
    "payments.receipt": (receipt, "serial", 2),
}
