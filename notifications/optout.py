"""By which link does a person end messages of a kind? One that names an entry of their ledger, and proves that we made it.

The link serves for this one purpose; it shows ids only, and opens nothing: who holds it may end one kind of message to one
person, no more.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from healthcare.core.tenancy import current_clinic

PURPOSE = b"notifications.optout.1"
LENGTH = 16 + 16 + 16


class Told(NamedTuple):
    clinic_id: UUID
    entry_id: UUID


def link(entry: Any) -> str:
    return f"{settings.BASE_URL}/notifications/opt-out/{token(current_clinic().id, entry.id)}"


def token(clinic_id: UUID, entry_id: UUID) -> str:
    named = clinic_id.bytes + entry_id.bytes
    return urlsafe_b64encode(named + _proof(named)).decode()


def read(text: str) -> Told | None:
    """None for anything that we did not make."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii"))
    except (Error, ValueError):
        return None
    named, proof = raw[:32], raw[32:]
    if len(raw) != LENGTH or not hmac.compare_digest(proof, _proof(named)):
        return None
    return Told(UUID(bytes=named[:16]), UUID(bytes=named[16:]))


def _proof(named: bytes) -> bytes:
    key = hashlib.sha256(PURPOSE + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, named, hashlib.sha256).digest()[:16]
