"""What can happen to keys?"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class KeysRotated(Event):
    """A part was through: so many things changed, so many former keys were destroyed."""

    part: str
    changed: int
    retired: int
    clinic: UUID | None
