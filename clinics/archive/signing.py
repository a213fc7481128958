"""Who vouches for an archive? This installation, by a key derived from the root key, and who has its passphrase."""

import hashlib
import hmac
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from healthcare.core.keystore.root import root

SALT = 16
COST: dict[str, int] = {"n": 2**17, "r": 8, "p": 1}  # 128 MiB and about half a second a guess


def derived(secret: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"clinic archive:{purpose}".encode()).derive(secret)


def installation_key(purpose: str = "manifest") -> bytes:
    """The key to sign with."""
    return installation_keys(purpose)[0]


def installation_keys(purpose: str = "manifest") -> list[bytes]:
    """The keys to verify with: what a former root key signed is still ours."""
    return root().derived(f"clinic archive:{purpose}".encode())


def sign(data: bytes, key: bytes) -> str:
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def is_signed(data: bytes, signature: Any, key: bytes) -> bool:
    return isinstance(signature, str) and hmac.compare_digest(sign(data, key).encode(), signature.encode())


def new_terms() -> dict[str, Any]:
    """How a passphrase becomes a key, for the manifest."""
    return {"kdf": "scrypt", "salt": os.urandom(SALT).hex(), **COST}


def from_passphrase(passphrase: str, terms: dict[str, Any]) -> bytes:
    """The secret behind a passphrase. Only our own cost is taken: a file must not choose how much memory it costs."""
    if {name: terms.get(name) for name in COST} != COST or terms.get("kdf") != "scrypt":
        raise ValueError("unknown way to derive a key")
    return Scrypt(salt=bytes.fromhex(terms["salt"]), length=32, **COST).derive(passphrase.encode())
