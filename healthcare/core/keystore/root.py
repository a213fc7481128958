"""Where does the root key come from? A provider of three methods; the one that is here reads a file or the environment.

A key management service is one more class with these methods (ROOT_PROVIDER names it): it wraps and unwraps where the key
lies, and never gives the key away.
"""

import base64
import binascii
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from healthcare.core import crypto
from healthcare.core.crypto import DataKey, Unreadable


class Root(Protocol):
    def wrap(self, secret: bytes, bound_to: bytes) -> bytes:
        """The secret under the present root key."""

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> tuple[bytes, bool]:
        """The secret, and whether the present root key wrapped it (a former one may have). Raises Unreadable."""

    def derived(self, purpose: bytes) -> list[bytes]:
        """A key of 32 bytes for a purpose: from the present root key, then from the former ones, to verify what is old."""


def root() -> Root:
    provider: Root = import_string(settings.ROOT_PROVIDER)()
    return provider


class ConfiguredRoot:
    """32 bytes, base64, from ROOT_KEY or ROOT_KEY_FILE; the former ones, while keys are wrapped anew, from ROOT_KEYS_FORMER.

    Raises ImproperlyConfigured when one is missing or of another length.
    """

    def wrap(self, secret: bytes, bound_to: bytes) -> bytes:
        return crypto.seal(secret, DataKey(1, self.secret()), bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> tuple[bytes, bool]:
        for turn, secret in enumerate(self._all()):
            try:
                return crypto.unseal(wrapped, DataKey(1, secret), bound_to), turn == 0
            except Unreadable:
                continue
        raise Unreadable

    def derived(self, purpose: bytes) -> list[bytes]:
        return [HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret) for secret in self._all()]

    def secret(self) -> bytes:
        return _decoded(settings.ROOT_KEY or self._from_file(), "ROOT_KEY (or the file ROOT_KEY_FILE names)")

    def _all(self) -> list[bytes]:
        return [self.secret(), *(_decoded(text, "each of ROOT_KEYS_FORMER") for text in settings.ROOT_KEYS_FORMER)]

    def _from_file(self) -> str:
        try:
            return Path(settings.ROOT_KEY_FILE).read_text().strip()
        except OSError:
            raise ImproperlyConfigured("ROOT_KEY_FILE can't be read") from None


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 bytes in base64")
    return key
