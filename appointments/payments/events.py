"""What happened to the money of an appointment? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class PaymentOpened(Event):
    """The patient may pay online now."""

    payment_id: UUID
    appointment_id: UUID


@dataclass(frozen=True)
class PaymentReceived(Event):
    payment_id: UUID
    appointment_id: UUID
    receipt_id: UUID


@dataclass(frozen=True)
class PaymentLapsed(Event):
    """Nobody paid in time, or it was withdrawn; nothing was taken."""

    payment_id: UUID
    appointment_id: UUID


@dataclass(frozen=True)
class RefundOwed(Event):
    refund_id: UUID
    payment_id: UUID
    appointment_id: UUID


@dataclass(frozen=True)
class PaymentRefunded(Event):
    refund_id: UUID
    payment_id: UUID
    appointment_id: UUID
    receipt_id: UUID


@dataclass(frozen=True)
class RefundFailed(Event):
    """The gateway would not (`failed`), or the money came back (`bounced`): somebody must look at it."""

    refund_id: UUID
    payment_id: UUID
    appointment_id: UUID
    state: str


@dataclass(frozen=True)
class PriceSet(Event):
    bill_id: UUID
    appointment_id: UUID
    version: int
