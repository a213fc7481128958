"""Which variables does a process see that was started by hand? Standard library only: settings import it first."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")(?:\s+#.*)?""")
BARE = re.compile(r"[A-Za-z0-9_@%+:,./?=-]*")
HEALTHCARE_ENV = {"test": "test"}
PROFILES = {"development": "dev", "production": None}


def load(profile: str | None = None) -> None:
    """Fill os.environ from `.env` and from the running services' file; what is already set stays.

    A malformed line ends the process with one line that names file and number.
    """
    try:
        if chosen_profile(profile) in (None, "dev"):  # a person's `.env` beats development's services; tests ignore it
            _fill_from(ROOT / ".env")
        name = chosen_profile(profile)  # again: `.env` may have said production
        if name:
            _fill_from(ROOT / ".local" / name / "services.env")
            os.environ["HEALTHCARE_ENV"] = os.environ.get("HEALTHCARE_ENV") or HEALTHCARE_ENV.get(name, "development")
    except ValueError as malformed:
        sys.exit(str(malformed))


def chosen_profile(asked: str | None = None) -> str | None:
    """The profile a process belongs to: asked for, else said outright, else by HEALTHCARE_ENV; none in production."""
    said = asked or os.environ.get("HEALTHCARE_PROFILE") or os.environ.get("HEALTHCARE_ENV") or "development"
    return PROFILES.get(said, said)


def _fill_from(file: Path) -> None:
    """An empty variable counts as missing, in the environment and in the file: settings see it so too."""
    for key, value in read(file).items():
        if value and not os.environ.get(key):
            os.environ[key] = value


def read(file: Path) -> dict[str, str]:
    """`NAME=value` lines, quoted as a shell would; a missing file is empty. Raises ValueError with file and line."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ValueError(f"{file} can't be read: {unreadable}") from None
    return dict(_pairs(file, text))


def write(file: Path, values: dict[str, str]) -> None:
    """Write `values` so that `read` and a shell's `source` both understand them; only the owner may read them."""
    lines = [f"{key}={_quoted(value)}\n" for key, value in sorted(values.items())]
    write_private(file, "".join(lines))


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step; nobody but the owner may read it, not even for a moment."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(file)


def _pairs(file: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals or not key.isidentifier():
            raise ValueError(f"{file} line {number}: expected NAME=value")
        yield key, _unquoted(file, number, value)


def _unquoted(file: Path, number: int, value: str) -> str:
    """A value in single or double quotes, or bare up to ` #`."""
    value = value.strip()
    if not value or value[0] not in "'\"":
        return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].rstrip()
    quoted = QUOTED.fullmatch(value)
    if not quoted:
        raise ValueError(f"{file} line {number}: the closing quotation mark is missing")
    plain, escaped = quoted.groups()
    return plain if plain is not None else re.sub(r"\\(.)", r"\1", escaped)


def _quoted(value: str) -> str:
    """Understood by `_unquoted` and by a shell."""
    return value if BARE.fullmatch(value) else '"' + re.sub(r'([\\"$`])', r"\\\1", value) + '"'
