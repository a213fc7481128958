"""What do tokens hold and who signs them? The only module that knows simplejwt and PyJWT; refresh tokens are opaque.

An access token names the person and the session, nothing else: roles never ride in it. It is HS256 under the key that its
`kid` names (`signing.py`); what its own header says of algorithms, addresses or keys is never followed (RFC 8725).
"""

import base64
import hashlib
import hmac
import time
from typing import NamedTuple
from uuid import UUID

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from accounts import signing
from accounts.models import Session
from healthcare.core.crypto import DataKey
from healthcare.core.errors import Refused
from healthcare.core.ids import as_id

ACCESS_SECONDS = 15 * 60
LEEWAY = 0
LONGEST = 2000  # characters of a token that are looked at; ours have some 400
ALGORITHM, TYPE = "HS256", "at+jwt"  # RFC 9068: what says `at+jwt` is no other kind of token
_KIND = "access"


class NotSignedIn(Refused):
    status = 401
    code = "not_signed_in"
    detail = "Sign in first."


class Claims(NamedTuple):
    user_id: UUID
    session_id: UUID


def _backend(key: DataKey) -> TokenBackend:
    return TokenBackend(
        ALGORITHM,
        signing_key=_derived_from(key.secret, "access"),
        verifying_key="",
        issuer="healthcare",
        audience="healthcare-api",
        leeway=LEEWAY,
    )


def derived(use: str) -> bytes:
    """One key per use, so that what proves one thing never proves another."""
    return _derived_from(settings.SECRET_KEY.encode(), use).encode()


def _derived_from(secret: bytes, use: str) -> str:
    return hmac.new(secret, f"token:{use}".encode(), hashlib.sha256).hexdigest()


def access_token(session: Session, at: float | None = None) -> str:
    """`at`: as if it were made then (the isolation probe shows old ones)."""
    now = int(time.time() if at is None else at)
    key = signing.newest()
    claims = {
        "typ": _KIND,
        "sub": str(session.user_id),
        "sid": str(session.id),
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "iss": "healthcare",
        "aud": "healthcare-api",
    }
    secret = _derived_from(key.secret, "access")
    return jwt.encode(claims, secret, ALGORITHM, headers={"kid": str(key.generation), "typ": TYPE})


def read_access(token: str) -> Claims:
    """Raises NotSignedIn for anything but a token of ours, of this kind, that is still valid."""
    try:
        claims = _backend(_key_of(token)).decode(token)
    except (TokenBackendError, jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise NotSignedIn from None
    user_id, session_id = as_id(claims.get("sub")), as_id(claims.get("sid"))
    if claims.get("typ") != _KIND or "exp" not in claims or user_id is None or session_id is None:
        raise NotSignedIn
    return Claims(user_id, session_id)


def _key_of(token: str) -> DataKey:
    """The key that the header names, and only if the header is just as ours are."""
    if len(token) > LONGEST:
        raise NotSignedIn
    header = jwt.get_unverified_header(token)
    key = signing.named(header.get("kid"))
    if key is None or header.keys() != {"alg", "kid", "typ"} or header["alg"] != ALGORITHM or header["typ"] != TYPE:
        raise NotSignedIn
    return key


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
    return hmac.new(derived("refresh"), message, hashlib.sha256).digest()
