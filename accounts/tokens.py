"""What do tokens hold and who signs them? The only module that knows simplejwt; refresh tokens are opaque.

An access token names the person and the session, nothing else: roles never ride in it.
"""

import base64
import hashlib
import hmac
import time
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from accounts.models import Session
from healthcare.core.errors import Refused
from healthcare.core.ids import as_id

ACCESS_SECONDS = 15 * 60
LEEWAY = 0
_KIND = "access"


class NotSignedIn(Refused):
    status = 401
    code = "not_signed_in"
    detail = "Sign in first."


class Claims(NamedTuple):
    user_id: UUID
    session_id: UUID


def _backend() -> TokenBackend:
    return TokenBackend(
        "HS256", signing_key=_derived("access"), verifying_key="", issuer="healthcare", audience="healthcare-api", leeway=LEEWAY
    )


def _derived(use: str) -> str:
    """One key per use, so that a token of one kind never verifies as another."""
    return hmac.new(settings.SECRET_KEY.encode(), f"token:{use}".encode(), hashlib.sha256).hexdigest()


def access_token(session: Session, at: float | None = None) -> str:
    """`at`: as if it were made then (the isolation probe shows old ones)."""
    now = int(time.time() if at is None else at)
    claims = {"typ": _KIND, "sub": str(session.user_id), "sid": str(session.id), "iat": now, "exp": now + ACCESS_SECONDS}
    return str(_backend().encode(claims))


def read_access(token: str) -> Claims:
    """Raises NotSignedIn for anything but a token of ours, of this kind, that is still valid."""
    try:
        claims = _backend().decode(token)
    except (TokenBackendError, ValueError, TypeError):
        raise NotSignedIn from None
    user_id, session_id = as_id(claims.get("sub")), as_id(claims.get("sid"))
    if claims.get("typ") != _KIND or user_id is None or session_id is None:
        raise NotSignedIn
    return Claims(user_id, session_id)


class RefreshToken(NamedTuple):
    session_id: UUID
    generation: int
    proof: bytes


def refresh_token(session: Session, generation: int | None = None) -> str:
    """The refresh token of a generation; the same each time it is asked for, known to nobody who reads the table."""
    number = session.generation if generation is None else generation
    data = session.id.bytes + number.to_bytes(4, "big") + _proof(session, number)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_refresh(token: str) -> RefreshToken:
    """Split a refresh token. Raises NotSignedIn when it is none; whether it is valid, `proves` says."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, UnicodeError):
        raise NotSignedIn from None
    if len(data) != 52:
        raise NotSignedIn
    return RefreshToken(UUID(bytes=data[:16]), int.from_bytes(data[16:20], "big"), data[20:])


def proves(token: RefreshToken, session: Session) -> bool:
    return hmac.compare_digest(token.proof, _proof(session, token.generation))


def _proof(session: Session, generation: int) -> bytes:
    message = session.id.bytes + bytes(session.salt) + generation.to_bytes(4, "big")
    return hmac.new(_derived("refresh").encode(), message, hashlib.sha256).digest()
