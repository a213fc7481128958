"""By which link does a person end messages of a kind? One that names an entry of their ledger, and proves that we made it.

The link serves for this one purpose; it shows ids only, and opens nothing: who holds it may end one kind of message to one
person, no more.
"""

from typing import Any
from uuid import UUID

from django.conf import settings

from healthcare.core import references
from healthcare.core.references import Named
from healthcare.core.tenancy import current_clinic

PURPOSE = "notifications.optout.1"


def link(entry: Any) -> str:
    return f"{settings.BASE_URL}/notifications/opt-out/{token(current_clinic().id, entry.id)}"


def token(clinic_id: UUID, entry_id: UUID) -> str:
    return references.reference(PURPOSE, clinic_id, entry_id)


def read(text: str) -> Named | None:
    """Which entry; None for anything that we did not make."""
    return references.read(PURPOSE, text)
