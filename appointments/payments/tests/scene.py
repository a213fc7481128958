"""Where do the tests of money play? A consultation at north that costs 100.00, and a gateway on loopback."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from appointments.models import Appointment
from appointments.payments.models import Bill, GatewayAccount, Payment, Receipt, Refund
from appointments.payments.services.bills import set_price
from appointments.payments.tests.stub import SECRET
from appointments.queue.tests import make as visits
from healthcare.core import jobs
from healthcare.core.ids import new_id
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

PRICE = Decimal(100)
DESK = new_id()


def visit(price: Decimal | None = PRICE, **known: Any) -> Appointment:
    from django.utils import timezone

    row = visits.appointment(known.pop("practitioner", None) or make.practitioner(), starts_in=600, **known)
    if price is not None:
        set_price(appointment=row, price=price, by=DESK, now=timezone.now())
    return row


def account() -> GatewayAccount:
    row = GatewayAccount(provider="stripe", secret_key="sk_test_of_the_stub", webhook_secret=SECRET)
    row.save()
    return row


def work(name: str = "payment.") -> int:
    """Do all jobs that are owed about money, also those for later; answers how many were done."""
    from django.utils import timezone

    done = 0
    with on_platform():
        ids = list(Job.objects.filter(name__startswith=name, state__in=jobs.OPEN).order_by("id").values_list("id", flat=True))
        Job.objects.filter(pk__in=ids).update(due_at=timezone.now())
    for job_id in ids:
        done += jobs.run(job_id)
    return done


def only_payment() -> Payment:
    return Payment.objects.select_related("bill").get()


def assert_the_books_are_true() -> None:
    """What every sum must be, whatever happened."""
    for bill in Bill.objects.all():
        payments = bill.payments.exclude(state=Payment.State.LAPSED)
        back = Refund.objects.filter(payment__bill=bill, state__in=("done", "bounced"))
        assert bill.taken == _sum(payments) - _sum(back)
        for payment in payments:
            assert payment.returned == _sum(payment.refunds.exclude(state="failed"))
    serials = list(Receipt.objects.order_by("serial").values_list("serial", flat=True))
    assert serials == list(range(1, len(serials) + 1))
    received = Payment.objects.filter(state=Payment.State.RECEIVED)
    assert {r.payment_id for r in Receipt.objects.exclude(payment=None)} == set(received.values_list("id", flat=True))


def _sum(rows: Any) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)
