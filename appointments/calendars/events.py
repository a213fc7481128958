"""What happened to people's calendars? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class FeedOpened(Event):
    feed_id: UUID


@dataclass(frozen=True)
class FeedClosed(Event):
    feed_id: UUID


@dataclass(frozen=True)
class CalendarTargetSet(Event):
    target_id: UUID
    version: int


@dataclass(frozen=True)
class CalendarTargetRemoved(Event):
    target_id: UUID
