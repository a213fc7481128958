"""Is money taken and given back at the desk once, whole, and with a receipt?"""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.payments.models import Bill, Payment, Receipt, Refund
from appointments.payments.money import NotAnAmount, exact, from_minor, minor, shown
from appointments.payments.services import receipts
from appointments.payments.services.bills import NoPrice, PriceBelowPaid, set_price
from appointments.payments.services.refunding import MoreThanPaid, refund
from appointments.payments.services.taking import NotChargeable, NothingDue, TooMuch, take
from appointments.payments.tests.scene import DESK, assert_the_books_are_true, visit
from appointments.services import steps
from healthcare.core.errors import Malformed, Refused
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def pay(row: Any, amount: Any = None, **more: Any) -> Payment:
    return take(appointment=row, method="cash", by=DESK, now=NOW, amount=amount and Decimal(amount), **more)


def back(payment: Payment, amount: Any = None) -> Refund:
    return refund(payment_id=payment.id, why="goodwill", by=DESK, now=NOW, amount=amount and Decimal(amount))


def test_the_whole_price_is_taken_with_a_receipt_and_one_event(in_north: Any) -> None:
    payment = pay(visit())
    assert (payment.state, payment.amount, payment.receipt.number) == ("received", Decimal(100), f"{NOW.year}-000001")
    with on_platform():
        assert EventRecord.objects.filter(name="PaymentReceived").count() == 1
    assert_the_books_are_true()


def test_parts_make_up_the_price_and_no_more(in_north: Any) -> None:
    row = visit()
    pay(row, "30.50"), pay(row, "69.50")
    with pytest.raises(NothingDue):
        pay(row)
    assert Bill.objects.get().taken == Decimal(100)
    assert_the_books_are_true()


def test_more_than_is_due_is_refused_and_leaves_nothing(in_north: Any) -> None:
    row = visit()
    pay(row, "80")
    with pytest.raises(TooMuch) as refused:
        pay(row, "20.01")
    assert [r.detail for r in refused.value.reasons] == ["20.00 USD is due."]
    assert (Payment.objects.count(), Receipt.objects.count()) == (1, 1)


def test_a_price_is_needed_and_can_be_set_but_not_below_what_was_paid(in_north: Any) -> None:
    row = visit(price=None)
    with pytest.raises(NoPrice):
        pay(row)
    set_price(appointment=row, price=Decimal(50), by=DESK, now=NOW)
    pay(row)
    with pytest.raises(PriceBelowPaid):
        set_price(appointment=row, price=Decimal(49), by=DESK, now=NOW)
    assert set_price(appointment=row, price=Decimal(60), by=DESK, now=NOW).price == 60


def test_what_does_not_take_place_is_not_charged(in_north: Any) -> None:
    row = visit()
    with pytest.raises(NotChargeable):
        pay(steps.cancel(appointment=row, by=None, now=NOW))


def test_a_refund_has_a_credit_note_and_frees_the_amount_to_be_paid_again(in_north: Any) -> None:
    row = visit()
    first = pay(row)
    note = back(first, "40")
    assert (note.state, note.receipt.number) == ("done", f"{NOW.year}-000002")
    assert "Credit note" in receipts.written(note.receipt, with_patient=True)
    pay(row, "40")
    assert_the_books_are_true()


def test_no_more_goes_back_than_was_paid(in_north: Any) -> None:
    first = pay(visit())
    back(first, "99.99")
    for amount in ("0.02", "100"):
        with pytest.raises(MoreThanPaid):
            back(first, amount)
    back(first)
    with pytest.raises(MoreThanPaid):
        back(first)
    assert_the_books_are_true()


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "10.005"])
def test_what_is_no_amount_is_refused(in_north: Any, amount: str) -> None:
    with pytest.raises(NotAnAmount):
        take(appointment=visit(), method="card", by=DESK, now=NOW, amount=Decimal(amount))


@pytest.mark.parametrize("reference", ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"])
def test_a_cards_number_is_never_kept(in_north: Any, reference: str) -> None:
    with pytest.raises(Malformed):
        pay(visit(), reference=reference)
    assert not Payment.objects.exists()


def test_a_failed_payment_leaves_no_gap_in_the_numbers(in_north: Any) -> None:
    row = visit()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        pay(row)
        raise ZeroDivisionError
    assert pay(row).receipt.serial == 1


CURRENCIES = st.sampled_from(["EUR", "INR", "JPY", "KWD", "USD", "CLP", "TND"])


@given(st.integers(1, 10**11 - 1), CURRENCIES)
def test_an_amount_survives_the_gateways_units_and_the_wire(units: int, currency: str) -> None:
    amount = from_minor(units, currency)
    assert minor(amount, currency) == units
    assert exact(Decimal(shown(amount, currency)), currency) == amount


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("pr"), st.decimals(0, 120, places=2)), max_size=7))
def test_whatever_is_paid_and_given_back_the_books_are_true(in_north: Any, acts: list[tuple[str, Decimal]]) -> None:
    with transaction.atomic():
        row = visit()
        for act, amount in acts:
            payments = list(row.bill.payments.order_by("id"))
            try:
                pay(row, amount) if act == "p" or not payments else back(payments[-1], amount)
            except Refused:
                continue
            assert 0 <= Bill.objects.get().taken <= 100
        assert_the_books_are_true()
        transaction.set_rollback(True)


# -- what must never be untrue, asked of the database itself
def broken(constraint: str, change: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        change()


def test_the_database_refuses_what_the_constraints_say(in_north: Any) -> None:
    payment = pay(visit(), "60")
    note, row = back(payment, "10"), Payment.objects.filter(pk=payment.pk)
    bill = Bill.objects.filter(payments=payment)
    assert row.update(returned=60) == 1 == bill.update(taken=100)  # the last that is allowed
    broken("payment_returned_within_amount", lambda: row.update(returned=Decimal("60.001")))
    broken("payment_returned_within_amount", lambda: row.update(returned=-1))
    broken("payment_only_received_returns", lambda: row.update(state="open", received_at=None))
    broken("payment_received_has_instant", lambda: row.update(received_at=None))
    broken("payment_amount_positive", lambda: row.update(amount=0, returned=0))
    broken("bill_never_overpaid", lambda: bill.update(taken=Decimal("100.001")))
    broken("bill_taken_not_negative", lambda: bill.update(taken=-1))
    broken("bill_currency_iso4217", lambda: bill.update(currency="usd"))
    broken("refund_amount_positive", lambda: Refund.objects.update(amount=0))
    paper = Receipt.objects.filter(refund=note)
    broken("receipt_for_one_thing", lambda: paper.update(payment=payment, refund=note))
    broken("receipt_number_once", lambda: paper.update(serial=1))
