"""How is health data sealed at rest? AES-256-GCM under a key per platform, clinic or patient; blind indexes for exact look-up.

root key (file or environment; a KMS is one more RootKeys class) → platform and clinic keys → patient keys. Wrapped keys live
in their own database (healthcare.core.keystore): destroying a key there erases, whatever backups of the data exist.

Sealed value: 1 byte format, 2 bytes key generation, 12 bytes nonce, ciphertext with 16 bytes tag. The additional data binds
it to owner, column label and row, so a ciphertext moved to another row, column or clinic does not open.
"""

import hashlib
import hmac
import os
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"
NONCE = 12
HEADER = 3


class Unreadable(Exception):
    """The value does not open: wrong place, tampered with, or its key was destroyed. Never answered with the raw bytes."""


class Scope(NamedTuple):
    """Whose key: `kind` is platform, clinic or patient; `clinic` and `owner` are ids (None for the platform)."""

    kind: str
    clinic: UUID | None = None
    owner: UUID | None = None


PLATFORM = Scope("platform")


def clinic_scope(clinic: UUID) -> Scope:
    return Scope("clinic", clinic, clinic)


def patient_scope(clinic: UUID, patient: UUID) -> Scope:
    return Scope("patient", clinic, patient)


class DataKey(NamedTuple):
    generation: int
    secret: bytes  # 32 bytes


def new_secret() -> bytes:
    return os.urandom(32)


def aad(scope: Scope, label: str, row: UUID) -> bytes:
    return "|".join((scope.kind, str(scope.clinic), str(scope.owner), label, str(row))).encode()


def seal(plain: bytes, key: DataKey, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    head = FORMAT + key.generation.to_bytes(2, "big")
    return head + nonce + AESGCM(key.secret).encrypt(nonce, plain, head + bound_to)


def unseal(sealed: bytes, key: DataKey, bound_to: bytes) -> bytes:
    """The plain bytes. Raises Unreadable."""
    head, nonce, body = sealed[:HEADER], sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
    if head[:1] != FORMAT:
        raise Unreadable
    try:
        return AESGCM(key.secret).decrypt(nonce, body, head + bound_to)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def generation_of(sealed: bytes) -> int:
    return int.from_bytes(sealed[1:HEADER], "big")


def blind(value: str, secret: bytes, label: str) -> bytes:
    """Keyed digest (32 bytes) by which an exact value is found without being readable."""
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"blind:" + label.encode()).derive(secret)
    return hmac.new(key, value.encode(), hashlib.sha256).digest()
