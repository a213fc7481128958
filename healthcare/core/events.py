"""How does one part of the product tell another that something happened? Past-tense events, ids only, in the same transaction.

    @dataclass(frozen=True)
    class AppointmentBooked(Event):
        appointment_id: UUID

    publish(AppointmentBooked(appointment_id=a.id))

Listeners run inside the publisher's transaction, so they record what must not be lost (jobs, rows of their own) and do
nothing slow; their jobs run after the commit. The records and jobs of an event, and of all that follows from it, are written
together when the last listener is done (`gathering.py`).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from healthcare.core.context import acting
from healthcare.core.gathering import gathered, put
from healthcare.core.ids import as_id
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import clinic_or_none


@dataclass(frozen=True)
class Event:
    """Base of all events. Fields hold ids, numbers and short codes only; `publish` refuses anything else."""


E = TypeVar("E", bound=Event)
_listeners: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)
_unheard: ContextVar[frozenset[type[Event]]] = ContextVar("unheard", default=frozenset())
_hears_all: list[Callable[[EventRecord], None]] = []
CODE = re.compile(r"(?:[a-z][a-z0-9_.:-]{0,63})?\Z")  # no name (capital), phone number or date begins like this
LARGEST = 10**9  # versions, counts and positions are smaller, phone numbers larger


class NotAnId(TypeError):
    """An event or job would have carried something that is no id, number or code (it might be health data)."""


def listens_to(*events: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    def register(listener: Callable[[E], None]) -> Callable[[E], None]:
        for event in events:
            _listeners[event].append(listener)
        return listener

    return register


def hears_all(listener: Callable[[EventRecord], None]) -> Callable[[EventRecord], None]:
    """Register for the record of every event, after those who listen to it."""
    if listener not in _hears_all:
        _hears_all.append(listener)
    return listener


@contextmanager
def unheard(*kinds: type[Event]) -> Iterator[None]:
    """Events of these kinds are recorded, but nobody is told: what the demo makes up has happened to nobody."""
    token = _unheard.set(_unheard.get() | frozenset(kinds))
    try:
        yield
    finally:
        _unheard.reset(token)


def listeners_of(event: type[Event]) -> list[Callable[[Any], None]]:
    return list(_listeners[event])


def publish(event: Event) -> None:
    """Record the event and tell its listeners. Raises NotAnId, or RuntimeError outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("publish belongs inside the transaction of the change it tells of")
    clinic, circumstances = clinic_or_none(), acting()
    record = EventRecord(
        clinic_id=clinic.id if clinic else None,
        name=type(event).__name__,
        payload=only_ids({f.name: getattr(event, f.name) for f in fields(event)}),
        actor_id=circumstances.actor_id,
        request_id=circumstances.request_id,
    )
    with gathered():
        put(record)
        if type(event) in _unheard.get():
            return
        for listener in _listeners[type(event)]:
            listener(event)
        for hearer in _hears_all:
            hearer(record)


def only_ids(values: dict[str, Any], codes: Container[str] | None = None) -> dict[str, Any]:
    """The values, JSON-ready. Raises NotAnId for anything but ids, numbers, booleans, None and short codes.

    `codes`: only members of these names may hold codes.
    """
    return {name: _plain(name, value, codes is None or name in codes) for name, value in values.items()}


def _plain(name: str, value: Any, may_be_code: bool) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if value is None or (isinstance(value, int) and abs(value) < LARGEST):
        return value
    if isinstance(value, str) and ((may_be_code and CODE.match(value)) or as_id(value)):
        return value
    raise NotAnId(name)
