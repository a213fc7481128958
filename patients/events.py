"""What happened to charts? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class PatientEntered(Event):
    patient_id: UUID
