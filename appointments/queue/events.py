"""What happened in a queue? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class TokenStepped(Event):
    """Any entry of a queue's log; `event` is its name there (token.called …)."""

    queue_id: UUID
    token_id: UUID
    event: str
    seq: int


@dataclass(frozen=True)
class QueueOpened(Event):
    queue_id: UUID


@dataclass(frozen=True)
class QueueClosed(Event):
    queue_id: UUID
