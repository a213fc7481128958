"""Who is acting, in which request, for what purpose? Read by the audit, the log and the error answer.

PostgreSQL is told too: the database wrapper sets `as_setting(acting())` with every place, and the triggers that write the
audit read it there, whoever writes (a save, `update()`, SQL by hand).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acting:
    """The circumstances of a change; every field may be unknown (a command has no address)."""

    request_id: str = ""
    actor_id: UUID | None = None
    session_id: UUID | None = None
    address: str = ""
    purpose: str = ""


# for what somebody may say to act (header X-Purpose); a break-glass grant says its own
PURPOSES = ("treatment", "payment", "operations", "patient_request", "public_health", "legal", "emergency")

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
    """Say for what the rest of this request is done (`break_glass:<id>`); the request's own block ends it."""
    _acting.set(replace(_acting.get(), purpose=purpose))


@lru_cache(maxsize=512)
def as_setting(now: Acting) -> str:
    """The circumstances as the text that PostgreSQL keeps in `healthcare.acting`; what is unknown is left out."""
    known = {"actor": now.actor_id, "session": now.session_id, "request": now.request_id, "address": now.address}
    told = {name: str(value) for name, value in {**known, "purpose": now.purpose}.items() if value}
    return json.dumps(told, ensure_ascii=True)
