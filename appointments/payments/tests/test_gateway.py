"""Do the books and the gateway agree, in whatever order and however often things happen, and whoever is killed?"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from appointments.payments.models import GatewayNote, Payment, Refund
from appointments.payments.providers.base import GatewayAway
from appointments.payments.providers.registry import NoGateway
from appointments.payments.services import gateways
from appointments.payments.services.refunding import refund
from appointments.payments.services.taking import ask_online, take, withdraw
from appointments.payments.tests import stub as stubs
from appointments.payments.tests.scene import DESK, account, assert_the_books_are_true, only_payment, visit, work
from appointments.payments.tests.stub import Stub
from appointments.services import steps

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    with stubs.running() as made:
        yield made


@pytest.fixture
def stub(server: Stub, settings: Any, in_north: Any) -> Stub:
    server.__init__(server.url)  # type: ignore[misc]
    settings.STRIPE_API_URL = server.url
    account()
    return server


def asked(row: Any = None, amount: Any = None) -> Payment:
    made = ask_online(appointment=row or visit(), by=DESK, now=timezone.now(), amount=amount and Decimal(amount))
    work("payment.open")
    return Payment.objects.get(pk=made.pk)


def paid(stub: Stub, row: Any = None) -> Payment:
    payment = asked(row)
    stub.pay(payment.provider_id)
    gateways.settle(payment_id=payment.id, now=timezone.now())
    return Payment.objects.get(pk=payment.pk)


def back(payment: Payment, amount: Any = None) -> Refund:
    return refund(payment_id=payment.id, why="cancelled", by=DESK, now=timezone.now(), amount=amount and Decimal(amount))


def test_without_an_account_nothing_is_asked_for(in_north: Any) -> None:
    with pytest.raises(NoGateway):
        ask_online(appointment=visit(), by=DESK, now=timezone.now())
    assert not Payment.objects.exists()


def test_an_order_can_be_paid_where_it_says_and_is_received_once(stub: Stub) -> None:
    payment = asked()
    assert (payment.state, payment.pay_url) == ("open", stub.sessions[payment.provider_id]["url"])
    stub.pay(payment.provider_id)
    for _ in range(3):
        assert gateways.settle(payment_id=payment.id, now=timezone.now())
    assert only_payment().state == "received"
    assert_the_books_are_true()


def test_an_answer_that_was_lost_is_asked_for_again_and_makes_no_second_order(stub: Stub) -> None:
    made = ask_online(appointment=visit(), by=DESK, now=timezone.now())
    stub.away = 1
    with pytest.raises(GatewayAway):
        gateways.place(payment_id=made.id, now=timezone.now())
    gateways.place(payment_id=made.id, now=timezone.now())
    assert (len(stub.sessions), only_payment().state) == (1, "open")


def test_nobody_pays_and_the_amount_is_due_again(stub: Stub) -> None:
    row = visit()
    payment = asked(row)
    stub.run_out(payment.provider_id)
    assert gateways.settle(payment_id=payment.id, now=timezone.now())
    assert take(appointment=row, method="upi", by=DESK, now=timezone.now()).amount == 100
    assert_the_books_are_true()


def test_what_is_withdrawn_can_not_be_paid_any_more(stub: Stub) -> None:
    payment = asked()
    withdraw(payment_id=payment.id, by=DESK, now=timezone.now())
    work("payment.close")
    assert (only_payment().state, stub.sessions[payment.provider_id]["status"]) == ("lapsed", "expired")
    assert_the_books_are_true()


def test_what_was_paid_while_it_was_withdrawn_is_received(stub: Stub) -> None:
    payment = asked()
    withdraw(payment_id=payment.id, by=DESK, now=timezone.now())
    stub.pay(payment.provider_id)
    work("payment.close")
    assert only_payment().state == "received"
    assert_the_books_are_true()


def test_a_cancelled_appointment_withdraws_its_open_payment(stub: Stub) -> None:
    row = visit()
    asked(row)
    steps.cancel(appointment=row, by=None, now=timezone.now())
    work("payment.close")
    assert only_payment().state == "lapsed"


def test_a_refund_goes_out_once_however_often_its_job_runs(stub: Stub) -> None:
    payment = paid(stub)
    note = back(payment, "30")
    stub.away = 1
    with pytest.raises(GatewayAway):
        gateways.give_back(refund_id=note.id, now=timezone.now())
    for _ in range(3):
        gateways.give_back(refund_id=note.id, now=timezone.now())
    assert stub.returned(payment.charge_id) == 3000
    assert Refund.objects.get().state == "done"
    assert_the_books_are_true()


def test_a_refund_is_found_again_after_the_gateway_forgot_its_key(stub: Stub) -> None:
    payment = paid(stub)
    note = back(payment)
    stub.answer("POST", "/v1/refunds", {"payment_intent": payment.charge_id, "amount": "10000",
                                        "metadata[refund]": str(note.id)}, "")  # fmt: skip
    gateways.give_back(refund_id=note.id, now=timezone.now())
    assert (stub.returned(payment.charge_id), Refund.objects.get().state) == (10000, "done")


def test_a_refund_that_the_gateway_will_not_make_is_as_if_never_asked_for(stub: Stub) -> None:
    payment = paid(stub)
    stub.sessions[payment.provider_id]["amount_total"] = 1
    gateways.give_back(refund_id=back(payment).id, now=timezone.now())
    assert (Refund.objects.get().state, only_payment().returned) == ("failed", 0)
    assert_the_books_are_true()


def test_a_pending_refund_is_done_when_the_gateway_says_so(stub: Stub) -> None:
    payment = paid(stub)
    stub.refund_state = "pending"
    gateways.give_back(refund_id=back(payment, "10").id, now=timezone.now())
    assert Refund.objects.get().state == "owed"
    next(iter(stub.refunds.values()))["status"] = "succeeded"
    assert gateways.settle(payment_id=payment.id, now=timezone.now())
    assert Refund.objects.get().state == "done"
    assert_the_books_are_true()


def test_a_refund_that_bounced_is_still_the_patients(stub: Stub) -> None:
    payment = paid(stub)
    gateways.give_back(refund_id=back(payment, "10").id, now=timezone.now())
    next(iter(stub.refunds.values()))["status"] = "failed"
    gateways.settle(payment_id=payment.id, now=timezone.now())
    assert (Refund.objects.get().state, only_payment().returned) == ("bounced", 10)
    assert_the_books_are_true()


def test_a_refund_made_at_the_gateways_own_desk_is_in_our_books_once(stub: Stub) -> None:
    payment = paid(stub)
    stub.answer("POST", "/v1/refunds", {"payment_intent": payment.charge_id, "amount": "2500"}, "")
    for _ in range(2):
        gateways.settle(payment_id=payment.id, now=timezone.now())
    assert [(r.amount, r.why, r.state) for r in Refund.objects.all()] == [(25, "outside", "done")]
    assert_the_books_are_true()


# -- what the gateway tells
def told(client: Any, body: bytes, signature: str, clinic: str = "north") -> Any:
    path = f"/clinics/{clinic}/payments/gateways/stripe"
    return client.generic("POST", path, body, content_type="application/json", headers={"Stripe-Signature": signature})


def test_a_message_is_kept_answered_and_acted_on_by_a_job(stub: Stub, client: Any) -> None:
    payment = asked()
    stub.pay(payment.provider_id)
    answer = told(client, *stubs.signed(stubs.event("evt_1", stub.sessions[payment.provider_id])))
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert only_payment().state == "open"
    assert work("payment.note") == 1
    assert only_payment().state == "received"


def test_a_message_sent_again_changes_nothing(stub: Stub, client: Any) -> None:
    payment = asked()
    stub.pay(payment.provider_id)
    message = stubs.signed(stubs.event("evt_2", stub.sessions[payment.provider_id]))
    assert [told(client, *message).status_code for _ in range(3)] == [200] * 3
    assert (GatewayNote.objects.count(), work("payment.note")) == (1, 1)
    assert_the_books_are_true()


def test_messages_out_of_order_end_in_the_same_books(stub: Stub, client: Any) -> None:
    payment = asked()
    early = {**stub.sessions[payment.provider_id]}
    stub.pay(payment.provider_id)
    late = stub.sessions[payment.provider_id]
    for number, thing in enumerate((late, early, late)):  # "expired" and "open" news that arrive late are only a reason to look
        told(client, *stubs.signed(stubs.event(f"evt_o{number}", thing, "checkout.session.expired")))
        work("payment.note")
    assert only_payment().state == "received"
    assert_the_books_are_true()


def test_forged_stale_and_foreign_messages_are_refused(stub: Stub, client: Any, south: Any) -> None:
    payment = asked()
    note = stubs.event("evt_3", stub.sessions[payment.provider_id])
    body, signature = stubs.signed(note)
    forged = stubs.signed(note, secret="whsec_guessed")
    stale = stubs.signed(note, at=timezone.now().timestamp() - 301)
    tries = [
        told(client, *forged), told(client, *stale), told(client, body + b" ", signature), told(client, body, ""),
        told(client, b"[", *stubs.signed(note)[1:]), told(client, body, signature, clinic="south"),
    ]  # fmt: skip
    assert [(t.status_code, t.json()["code"]) for t in tries] == [(400, "bad_signature")] * 6
    assert not GatewayNote.objects.exists()


@pytest.mark.parametrize(
    "note", [{}, {"id": 7}, {"id": "evt", "data": []}, {"id": "e\x00", "data": {"object": {"id": "x"}}}, [], 1]
)
def test_signed_nonsense_is_refused(stub: Stub, client: Any, note: Any) -> None:
    assert told(client, *stubs.signed(note)).status_code == 400


def test_a_message_about_what_is_none_of_ours_is_kept_and_no_more(stub: Stub, client: Any) -> None:
    assert told(client, *stubs.signed(stubs.event("evt_4", {"id": "cs_of_somebody"}))).status_code == 200
    assert work("payment.note") == 1
