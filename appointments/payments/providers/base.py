"""What must a way of moving money be able to do? Every call may be made twice with one key and must move money once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from healthcare.core.errors import Refused


class GatewayAway(Exception):
    """The gateway did not answer, or not as it should: nobody knows what it did. Ask again with the same key."""


class GatewaySaysNo(Exception):
    """The gateway will not, and asking again changes nothing."""


class BadSignature(Refused):
    status = 400
    code = "bad_signature"
    detail = "This message is not from the gateway, or too old."


@dataclass(frozen=True, slots=True)
class Order:
    """Money to be asked for. `key` is our row's id: two calls with one key are one order."""

    key: UUID
    amount: Decimal
    currency: str
    expires_at: dt.datetime
    back_to: str  # where the payer's browser goes afterwards


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the gateway made of an order."""

    provider_id: str
    pay_url: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Return:
    """A refund as the gateway knows it. `key` is our row's id, None for one that was made at the gateway's own desk."""

    provider_id: str
    state: str  # pending | done | failed
    amount: Decimal
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """How a checkout stands at the gateway."""

    is_paid: bool = False
    is_over: bool = False  # it can't be paid any more
    charge_id: str = ""
    returns: list[Return] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Told:
    """A verified message: the event's own id, and the gateway's id of what it is about ("" for nothing of ours)."""

    event_id: str
    about: str


class Gateway:
    """A provider outside. Raises GatewayAway where the answer is unknown, GatewaySaysNo where it is no."""

    code = ""

    def open(self, order: Order) -> Checkout:
        raise NotImplementedError

    def look(self, provider_id: str, currency: str) -> Seen:
        raise NotImplementedError

    def close(self, provider_id: str) -> None:
        """Let it not be paid any more; one that is paid or over stays as it is."""
        raise NotImplementedError

    def give_back(self, *, key: UUID, charge_id: str, amount: Decimal, currency: str) -> Return:
        raise NotImplementedError

    def read(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Raises BadSignature."""
        raise NotImplementedError
