"""Which passphrase does a file hold? One line, long enough, and nobody else's to read."""

import stat
from pathlib import Path

from healthcare.core.errors import Refused

SHORTEST = 16


class BadPassphraseFile(Refused):
    code = "bad_passphrase_file"
    detail = "The passphrase file can't be used."


def passphrase_in(path: Path) -> str:
    """The passphrase. Raises BadPassphraseFile."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadPassphraseFile("The passphrase file can't be read.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadPassphraseFile("Others may read the passphrase file: chmod 600 it first.")
    if len(text) < SHORTEST or "\n" in text:
        raise BadPassphraseFile(f"The passphrase is one line of at least {SHORTEST} characters.")
    return text
