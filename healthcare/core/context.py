"""Who is acting, in which request, for what purpose? Read by the audit, the log and the error answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acting:
    """The circumstances of a change; every field may be unknown (a command has no address)."""

    request_id: str = ""
    actor_id: UUID | None = None
    session_id: UUID | None = None
    address: str = ""
    purpose: str = ""


_acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039 (frozen)


def acting() -> Acting:
    return _acting.get()


@contextmanager
def acting_as(**changes: object) -> Iterator[Acting]:
    """Change some circumstances for a block; what is not named is kept from the outer block."""
    token = _acting.set(replace(_acting.get(), **changes))  # type: ignore[arg-type]
    try:
        yield _acting.get()
    finally:
        _acting.reset(token)


def note_actor(actor_id: UUID, session_id: UUID | None) -> None:
    """Add who signed in to the circumstances of this request; the request's own block ends it."""
    _acting.set(replace(_acting.get(), actor_id=actor_id, session_id=session_id))


def note_purpose(purpose: str) -> None:
    """Add what for somebody looks: entries of this request's trail say so; the request's own block ends it."""
    _acting.set(replace(_acting.get(), purpose=purpose))
