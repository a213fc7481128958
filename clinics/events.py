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
class ClinicChanged(Event):
    """Its directory entry."""

    clinic_id: UUID
    version: int


@dataclass(frozen=True)
class SettingsChanged(Event):
    clinic_id: UUID
    version: int


@dataclass(frozen=True)
class LocationAdded(Event):
    clinic_id: UUID
    location_id: UUID


@dataclass(frozen=True)
class LocationChanged(Event):
    clinic_id: UUID
    location_id: UUID


@dataclass(frozen=True)
class LocationClosed(Event):
    clinic_id: UUID
    location_id: UUID


@dataclass(frozen=True)
class LocationReopened(Event):
    clinic_id: UUID
    location_id: UUID


@dataclass(frozen=True)
class MigrationAllowed(Event):
    """Somebody let a migration run that breaks running code; the reason is the purpose of the act."""

    migration: str


@dataclass(frozen=True)
class ClinicExported(Event):
    clinic_id: UUID


@dataclass(frozen=True)
class ClinicRestored(Event):
    clinic_id: UUID


@dataclass(frozen=True)
class ClinicClosed(Event):
    """Nobody is served there any more; everything is kept."""

    clinic_id: UUID


@dataclass(frozen=True)
class ClinicReopened(Event):
    clinic_id: UUID


@dataclass(frozen=True)
class ClinicEnded(Event):
    """Its keys are destroyed, its schema is gone; a tombstone is left."""

    clinic_id: UUID
