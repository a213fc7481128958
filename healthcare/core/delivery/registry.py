"""Which channels are set up here, and is their provider worth asking just now?

To add a channel: a sender beside `email.py`, and a row in SENDERS. A channel whose builder answers None is not set up and
does not exist for the rest of the product.
"""

from collections.abc import Callable

from healthcare.core import breakers
from healthcare.core.delivery.base import Message, Receipt, Sender, TryAgain, Undeliverable
from healthcare.core.delivery.email import Email
from healthcare.core.delivery.push import push
from healthcare.core.delivery.sms import sms
from healthcare.core.delivery.whatsapp import whatsapp

SENDERS: dict[str, Callable[[], Sender | None]] = {
    "email": Email,
    "sms": sms,
    "whatsapp": whatsapp,
    "push": push,
}


class NoSuchChannel(KeyError):
    """Nothing is set up to send on this channel."""


def sender(channel: str) -> Sender | None:
    build = SENDERS.get(channel)
    return build() if build else None


def channels() -> list[str]:
    """The channels that are set up."""
    return [channel for channel in SENDERS if sender(channel) is not None]


def send(channel: str, message: Message) -> Receipt:
    """Send through the channel's breaker. Raises NoSuchChannel, Undeliverable, TryAgain (also while the breaker is open)."""
    chosen = sender(channel)
    if chosen is None:
        raise NoSuchChannel(channel)
    breaker = breakers.named(f"delivery.{channel}")
    if breaker.is_open():
        raise TryAgain("resting")
    try:
        receipt = chosen.send(message)
    except TryAgain:
        breaker.failed()
        raise
    except Undeliverable:
        breaker.succeeded()  # the provider answered; the address is at fault
        raise
    breaker.succeeded()
    return receipt
