"""How is a one-time code computed? HOTP (RFC 4226), TOTP (RFC 6238), and the six digits that we send ourselves."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import quote, urlencode

from accounts.tokens import derived

DIGITS = 6
STEP = 30  # seconds
DRIFT = 1  # steps that a clock may be wrong, either way
ISSUER = "Healthcare"


def hotp(secret: bytes, counter: int, digits: int = DIGITS, algorithm: Any = hashlib.sha1) -> str:
    """RFC 4226 5.3."""
    digest = hmac.new(secret, counter.to_bytes(8, "big"), algorithm).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(now: dt.datetime) -> int:
    """RFC 6238 4.2: T."""
    return int(now.timestamp()) // STEP


def step_of(code: str, secret: bytes, now: dt.datetime) -> int | None:
    """The time step whose code this is, if it is one of now or next to it; all are compared, whichever it is."""
    present, found = step_at(now), None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(hotp(secret, step).encode(), code.encode(errors="replace")):
            found = step
    return found


def new_secret() -> str:
    """160 bits (RFC 4226 4: R6), in base32 as authenticator apps read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, label: str) -> str:
    """What the QR code of an enrolment says."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{quote(f'{ISSUER}:{label}')}?{query}"


def sent_code(challenge: Any) -> str:
    """The code of a challenge: six digits that only the server key can find again, so that a second try sends the same."""
    digest = hmac.new(derived("code"), challenge.id.bytes + bytes(challenge.salt), hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**DIGITS).zfill(DIGITS)


def sent_secret(challenge: Any) -> str:
    """The secret of a challenge that goes out as a link; found again by the server key alone, as the code is."""
    digest = hmac.new(derived("link"), challenge.id.bytes + bytes(challenge.salt), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def digest_of(code: str, bound_to: bytes) -> bytes:
    """What is kept of a code: keyed, as six digits alone would be found by trying them all."""
    return hmac.new(derived("kept"), bound_to + b"|" + code.encode(errors="replace"), hashlib.sha256).digest()
