"""Is money taken and given back once when many hands click at once? Real connections, real commits."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from appointments.payments.models import Payment, Receipt
from appointments.payments.services import gateways
from appointments.payments.services.refunding import refund
from appointments.payments.services.taking import ask_online, take
from appointments.payments.tests import scene
from appointments.payments.tests import stub as stubs
from appointments.payments.tests.scene import DESK, assert_the_books_are_true
from clinics.models import Clinic
from healthcare.core.errors import Refused
from healthcare.core.tenancy import in_clinic

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parallel]
HANDS = 12


@pytest.fixture
def clinic() -> Iterator[Any]:
    found = Clinic.objects.get(slug="north")
    with in_clinic(found):
        yield found
        assert_the_books_are_true()


def at_once(clinic: Any, call: Callable[[], Any]) -> Counter[str]:
    def one(_: int) -> str:
        try:
            with in_clinic(clinic):
                call()
            return "done"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return Counter(pool.map(one, range(HANDS)))


def test_many_who_take_the_whole_price_take_it_once(clinic: Any) -> None:
    row = scene.visit()
    came = at_once(clinic, lambda: take(appointment=row, method="card", by=DESK, now=timezone.now()))
    assert came == {"done": 1, "nothing_due": HANDS - 1}


def test_parts_taken_at_once_make_a_bill_and_its_numbers_without_gaps(clinic: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from appointments.payments.services import bills

    monkeypatch.setattr(bills, "usual_price", lambda row: Decimal(50))
    row = scene.visit(price=None)  # nobody has made its bill yet
    came = at_once(clinic, lambda: take(appointment=row, method="cash", by=DESK, now=timezone.now(), amount=Decimal(5)))
    assert came == {"done": 10, "nothing_due": 2}
    assert Receipt.objects.count() == 10


def test_many_refunds_at_once_give_back_no_more_than_was_paid(clinic: Any) -> None:
    payment = take(appointment=scene.visit(), method="cash", by=DESK, now=timezone.now())
    order = {"payment_id": payment.id, "why": "goodwill", "by": DESK, "amount": Decimal(30)}
    came = at_once(clinic, lambda: refund(now=timezone.now(), **order))  # type: ignore[arg-type]
    assert came == {"done": 3, "more_than_paid": HANDS - 3}


def test_the_gateways_news_and_our_own_looks_at_once_receive_and_refund_once(clinic: Any, settings: Any) -> None:
    with stubs.running() as stub:
        settings.STRIPE_API_URL = stub.url
        scene.account()
        made = ask_online(appointment=scene.visit(), by=DESK, now=timezone.now())
        gateways.place(payment_id=made.id, now=timezone.now())
        stub.pay(Payment.objects.get().provider_id)
        at_once(clinic, lambda: gateways.settle(payment_id=made.id, now=timezone.now()))
        assert Receipt.objects.count() == 1
        note = refund(payment_id=made.id, why="goodwill", by=DESK, now=timezone.now(), amount=Decimal(30))
        at_once(clinic, lambda: gateways.give_back(refund_id=note.id, now=timezone.now()))
        assert [r["amount"] for r in stub.refunds.values()] == [3000]
        assert Receipt.objects.count() == 2
