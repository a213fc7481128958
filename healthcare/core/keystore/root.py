"""Where does the root key come from? A file or the environment; another source (KMS) is one more class with the same method."""

import base64
import binascii
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class ConfiguredRoot:
    """32 bytes, base64, from ROOT_KEY or ROOT_KEY_FILE. Raises ImproperlyConfigured when missing or of another length."""

    def secret(self) -> bytes:
        text = settings.ROOT_KEY or self._from_file()
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise ImproperlyConfigured("ROOT_KEY (or the file ROOT_KEY_FILE names) must be 32 bytes in base64")
        return key

    def _from_file(self) -> str:
        try:
            return Path(settings.ROOT_KEY_FILE).read_text().strip()
        except OSError:
            raise ImproperlyConfigured("ROOT_KEY_FILE can't be read") from None
