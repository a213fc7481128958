"""Was somebody signed in on this device before? It shows a token of then, so that strangers' tries do not lock it out.

The token names the person and a number of its own, under a server key and the person's password hash: a changed password
ends it. It opens nothing; it only says whose tries these are.
"""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from accounts.models import User
from accounts.tokens import derived

NUMBER = 8  # bytes


def token_for(user: User, number: bytes | None = None) -> str:
    """A new device's token; the same device keeps its number."""
    data = user.pk.bytes + (number or secrets.token_bytes(NUMBER))
    return base64.urlsafe_b64encode(data + _proof(data, user.password)).decode().rstrip("=")


def number_of(token: str, user: User | None) -> bytes | None:
    """The device's number if the token is this person's, else None. Does the same work for nobody."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    data, proof = raw[: 16 + NUMBER], raw[16 + NUMBER :]
    expected = _proof(data, user.password if user else "")
    owner = user.pk if user else UUID(int=0)
    return data[16:] if hmac.compare_digest(proof, expected) and data[:16] == owner.bytes else None


def _proof(data: bytes, password: str) -> bytes:
    return hmac.new(derived("device"), data + hashlib.sha256(password.encode()).digest(), hashlib.sha256).digest()
