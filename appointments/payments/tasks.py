"""Which work is owed about money? Each job asks the gateway with our row's id, so it may run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.payments.services import gateways, notes
from healthcare.core.jobs import job

QUEUE = "payment-processing"


@job("payment.open", queue=QUEUE)
def open_order(*, payment_id: str) -> None:
    gateways.place(payment_id=UUID(payment_id), now=timezone.now())


@job("payment.close", queue=QUEUE)
def close_order(*, payment_id: str) -> None:
    gateways.close(payment_id=UUID(payment_id), now=timezone.now())


@job("payment.settle", queue=QUEUE)
def settle(*, payment_id: str, chain: str, round: int) -> None:
    """A look of our own, for what the gateway may have failed to tell."""
    if not gateways.settle(payment_id=UUID(payment_id), now=timezone.now()):
        gateways.look_again(payment_id=UUID(payment_id), chain=UUID(chain), round=round)


@job("payment.refund", queue=QUEUE)
def give_back(*, refund_id: str) -> None:
    gateways.give_back(refund_id=UUID(refund_id), now=timezone.now())


@job("payment.note", queue=QUEUE)
def act_on_note(*, note_id: str) -> None:
    notes.act_on(note_id=UUID(note_id), now=timezone.now())
