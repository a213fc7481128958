"""What happened at a meeting by video? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class VideoPatientWaits(Event):
    appointment_id: UUID


@dataclass(frozen=True)
class VideoPatientAdmitted(Event):
    appointment_id: UUID


@dataclass(frozen=True)
class VideoEnded(Event):
    appointment_id: UUID


@dataclass(frozen=True)
class VideoIssueReported(Event):
    appointment_id: UUID
    issue_id: UUID
    what: str
