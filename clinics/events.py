"""What happened to clinics? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class ClinicOrdered(Event):
    clinic_id: UUID


@dataclass(frozen=True)
class ClinicOpened(Event):
    clinic_id: UUID


@dataclass(frozen=True)
class MigrationAllowed(Event):
    """Somebody let a migration run that breaks running code; the reason is the purpose of the act."""

    migration: str
