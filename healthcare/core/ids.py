"""How is a row named? UUIDv7: unique everywhere, sorted by time of creation, made by the application."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def as_id(text: object) -> UUID | None:
    """The UUID that `text` spells, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
