"""How is a row named? UUIDv7: unique everywhere, sorted by time of creation, made by the application."""

import datetime as dt
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def first_id_at(instant: dt.datetime) -> UUID:
    """The smallest id that could have been made at that instant: rows with smaller ids are older."""
    return UUID(int=max(0, int(instant.timestamp() * 1000)) << 80 | 0x7 << 76 | 0b10 << 62)


def as_id(text: object) -> UUID | None:
    """The UUID that `text` spells, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
