"""What happened to charts that were opened in an emergency? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class ChartOpened(Event):
    """The compliance officers and the patient are told."""

    opening_id: UUID
    patient_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class OpenedChartRead(Event):
    """Somebody read a chart that they had opened."""

    opening_id: UUID
    patient_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class ChartClosed(Event):
    """Before its time ran out, by who had opened it."""

    opening_id: UUID
    patient_id: UUID


@dataclass(frozen=True)
class OpeningReviewed(Event):
    opening_id: UUID
    patient_id: UUID
    finding: str


@dataclass(frozen=True)
class ReviewOverdue(Event):
    opening_id: UUID
    patient_id: UUID
