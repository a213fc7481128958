"""By what may somebody without an account name one row of a clinic in a link? By a text that we made, for one purpose.

It holds two ids and a proof, no more: nobody can make one for another row, or use one made for something else.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

LENGTH = 16 + 16 + 16


class Named(NamedTuple):
    clinic_id: UUID
    row_id: UUID


def reference(purpose: str, clinic_id: UUID, row_id: UUID) -> str:
    """64 letters that are safe in an address."""
    named = clinic_id.bytes + row_id.bytes
    return urlsafe_b64encode(named + _proof(purpose, named)).decode()


def read(purpose: str, text: str) -> Named | None:
    """None for anything that we did not make for this purpose."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii"))
    except (Error, ValueError):
        return None
    named, proof = raw[:32], raw[32:]
    if len(raw) != LENGTH or not hmac.compare_digest(proof, _proof(purpose, named)):
        return None
    return Named(UUID(bytes=named[:16]), UUID(bytes=named[16:]))


def _proof(purpose: str, named: bytes) -> bytes:
    key = hashlib.sha256(purpose.encode() + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, named, hashlib.sha256).digest()[:16]
