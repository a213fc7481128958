"""How does money move through Stripe? Checkout sessions and refunds by its official client, one account a clinic."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import stripe
from django.conf import settings

from appointments.payments.money import from_minor, minor
from appointments.payments.providers.base import (
    BadSignature,
    Checkout,
    Gateway,
    GatewayAway,
    GatewaySaysNo,
    Order,
    Return,
    Seen,
    Told,
)
from healthcare.core import breakers
from healthcare.core.ids import as_id

TIMEOUT = 15  # seconds; a job of `payment-processing` has sixty
TOLERANCE = 300  # seconds a signed message may be old, as Stripe advises
STATES = {"succeeded": "done", "pending": "pending", "requires_action": "pending", "failed": "failed", "canceled": "failed"}
# https://docs.stripe.com/error-low-level: after any other error it is open what happened
A_CLEAR_NO = (stripe.InvalidRequestError, stripe.CardError, stripe.PermissionError)
T = TypeVar("T")
logging.getLogger("stripe").setLevel(logging.WARNING)  # its own lines tell every address that is called


class StripeGateway(Gateway):
    code = "stripe"

    def __init__(self, secret_key: str, webhook_secret: str) -> None:
        self.webhook_secret = webhook_secret
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": settings.STRIPE_API_URL},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=0,  # the job tries again, with the same key
        )

    def open(self, order: Order) -> Checkout:
        """The words on the payer's statement say nothing of health."""
        price = {
            "currency": order.currency.lower(),
            "unit_amount": minor(order.amount, order.currency),
            "product_data": {"name": "Appointment"},
        }
        asked: Any = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "client_reference_id": str(order.key),
            "metadata": {"payment": str(order.key)},
            "success_url": order.back_to,
            "cancel_url": order.back_to,
            "expires_at": int(order.expires_at.timestamp()),  # the order's, not now's: one key, one body
        }
        made = _asked(lambda: self.client.v1.checkout.sessions.create(asked, {"idempotency_key": f"payment:{order.key}"}))
        return Checkout(made.id, made.url or "", dt.datetime.fromtimestamp(made.expires_at, dt.UTC))

    def look(self, provider_id: str, currency: str) -> Seen:
        found = _asked(lambda: self.client.v1.checkout.sessions.retrieve(provider_id))
        charge = found.payment_intent if isinstance(found.payment_intent, str) else ""
        is_paid = found.payment_status == "paid"
        returns = self._returns(charge, currency) if charge and is_paid else []
        return Seen(is_paid, found.status == "expired", charge, returns)

    def close(self, provider_id: str) -> None:
        try:
            _asked(lambda: self.client.v1.checkout.sessions.expire(provider_id))
        except GatewaySaysNo:
            return  # paid or over already

    def give_back(self, *, key: UUID, charge_id: str, amount: Decimal, currency: str) -> Return:
        """Stripe forgets idempotency keys after a day, so a refund that bears our id is looked for first."""
        for made in self._returns(charge_id, currency):
            if made.key == key:
                return made
        asked: Any = {
            "payment_intent": charge_id,
            "amount": minor(amount, currency),
            "metadata": {"refund": str(key)},
        }
        sent = _asked(lambda: self.client.v1.refunds.create(asked, {"idempotency_key": f"refund:{key}"}))
        return _return(sent, currency)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Told:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), headers.get("Stripe-Signature", ""), self.webhook_secret, TOLERANCE
            )
            event = json.loads(body)
            thing = event["data"]["object"]
            is_checkout = thing.get("object") == "checkout.session"
            return Told(_id(event["id"]), _id(thing["id"] if is_checkout else thing.get("payment_intent") or thing["id"]))
        except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError, LookupError, TypeError, AttributeError):
            raise BadSignature from None

    def _returns(self, charge_id: str, currency: str) -> list[Return]:
        asked: Any = {"payment_intent": charge_id, "limit": 100}
        found = _asked(lambda: self.client.v1.refunds.list(asked))
        return [_return(made, currency) for made in found.data]


def _asked(call: Callable[[], T]) -> T:
    """One call under the breaker. What is neither yes nor a clear no is GatewayAway."""
    breaker = breakers.named("stripe")
    if breaker.is_open():
        raise GatewayAway
    try:
        answer = call()
    except A_CLEAR_NO:
        breaker.succeeded()
        raise GatewaySaysNo from None
    except stripe.StripeError:
        breaker.failed()
        raise GatewayAway from None
    breaker.succeeded()
    return answer


def _return(made: Any, currency: str) -> Return:
    key = as_id(made.metadata.to_dict().get("refund")) if made.metadata else None
    return Return(made.id, STATES.get(made.status or "", "pending"), from_minor(made.amount, currency), key)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\x00" in value:
        raise ValueError
    return value
