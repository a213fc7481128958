"""Who signs seals? This installation, with an Ed25519 key that is none of the encryption's; its public half verifies.

AUDIT_KEY (or the file AUDIT_KEY_FILE names) is the private key, 32 bytes in base64; AUDIT_FORMER_KEYS are public keys that
signed before, so that old seals still verify after a change of the key.
"""

import base64
import binascii
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Signer(NamedTuple):
    private: Ed25519PrivateKey

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        return name_of(self.public)


class Verifier:
    """Knows the public keys that are trusted, by name."""

    def __init__(self, keys: list[bytes]) -> None:
        self.keys = {name_of(key): Ed25519PublicKey.from_public_bytes(key) for key in keys}

    def is_signed(self, text: bytes, signature: bytes, name: str) -> bool:
        if name not in self.keys:
            return False
        try:
            self.keys[name].verify(signature, text)
        except InvalidSignature:
            return False
        return True


def name_of(public: bytes) -> str:
    """Sixteen hexadecimal digits by which a seal says who signed it."""
    return sha256(public).hexdigest()[:16]


def configured() -> Signer:
    """Raises ImproperlyConfigured where there is no key, or no good one."""
    return _signer(settings.AUDIT_KEY or _from_file())


def trusted() -> Verifier:
    """The present key's public half and the former ones."""
    return Verifier([configured().public, *(_bytes(text, "AUDIT_FORMER_KEYS") for text in settings.AUDIT_FORMER_KEYS)])


@lru_cache(maxsize=4)
def _signer(text: str) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(_bytes(text, "AUDIT_KEY (or the file AUDIT_KEY_FILE names)")))


def _bytes(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 bytes in base64")
    return key


def _from_file() -> str:
    try:
        return Path(settings.AUDIT_KEY_FILE).read_text().strip()
    except OSError:
        raise ImproperlyConfigured("AUDIT_KEY_FILE can't be read") from None
