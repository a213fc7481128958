"""What happened to charts? (ids and codes only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class PatientEntered(Event):
    patient_id: UUID


@dataclass(frozen=True)
class PatientCorrected(Event):
    patient_id: UUID
    version: int


@dataclass(frozen=True)
class EntryRecorded(Event):
    """An entry was written in a section of the chart."""

    patient_id: UUID
    section: str
    row_id: UUID


@dataclass(frozen=True)
class EntryCorrected(Event):
    patient_id: UUID
    section: str
    row_id: UUID
    version: int


@dataclass(frozen=True)
class EntryWithdrawn(Event):
    """It was entered in error; it is kept."""

    patient_id: UUID
    section: str
    row_id: UUID


@dataclass(frozen=True)
class ConsentDecided(Event):
    patient_id: UUID
    purpose: str
    decision: str


@dataclass(frozen=True)
class GuardianshipBegan(Event):
    patient_id: UUID
    guardianship_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class GuardianshipEnded(Event):
    patient_id: UUID
    guardianship_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class AmendmentAsked(Event):
    patient_id: UUID
    amendment_id: UUID


@dataclass(frozen=True)
class AmendmentDecided(Event):
    patient_id: UUID
    amendment_id: UUID
    state: str


@dataclass(frozen=True)
class PatientsMerged(Event):
    """`source` is part of `target` from now on: what apps above hold of it is theirs to move, in the same transaction."""

    merge_id: UUID
    source_id: UUID
    target_id: UUID


@dataclass(frozen=True)
class PatientsUnmerged(Event):
    merge_id: UUID
    source_id: UUID
    target_id: UUID


@dataclass(frozen=True)
class AccountLinked(Event):
    patient_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class ErasureAsked(Event):
    patient_id: UUID
    erasure_id: UUID


@dataclass(frozen=True)
class PatientErased(Event):
    """Its sealed columns are blank, in every app's tables, and its key goes with the commit."""

    patient_id: UUID
    erasure_id: UUID


@dataclass(frozen=True)
class RecordExported(Event):
    patient_id: UUID
    format: str


@dataclass(frozen=True)
class ImportFinished(Event):
    run_id: UUID


@dataclass(frozen=True)
class HoldPlaced(Event):
    patient_id: UUID
    hold_id: UUID


@dataclass(frozen=True)
class HoldLifted(Event):
    patient_id: UUID
    hold_id: UUID
