"""How do the events and jobs of one change get into the database? Gathered, then written in one statement for each table.

Whoever changes something often holds what others wait for (a time, a place in a line) until it commits. A dozen small INSERTs
were most of that: each is a turn for the server, and for every other thread of the process.

    with gathered():                    # `publish` does this for all that its listeners owe
        put(EventRecord(…)); put(Job(…))
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction

from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import clinic_or_none

Put = EventRecord | Job


class Gathering:
    """Rows that wait, all of one place (a clinic's role may write only its own) and of one savepoint: they are written, or
    taken back, as if each had been written when it was put."""

    def __init__(self) -> None:
        self.of = _here()
        self.rows: list[Put] = []

    def write(self) -> None:
        rows, self.rows = self.rows, []
        write(rows)


_open: ContextVar[Gathering | None] = ContextVar("gathering", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Rows put inside are written when the outermost `gathered` of this place and savepoint ends; after an error, never: its
    savepoint or transaction is taken back."""
    outer = _open.get()
    if outer is not None and outer.of == _here():
        yield
        return
    own = Gathering()
    token = _open.set(own)
    try:
        yield
    finally:
        _open.reset(token)
    own.write()


def put(row: Put) -> None:
    """Write the row now, or where the gathering ends that is open here."""
    gathering = _open.get()
    if gathering is not None and gathering.of == _here():
        gathering.rows.append(row)
    else:
        write([row])


def settle() -> None:
    """Write what waits: for whoever is about to look it up."""
    gathering = _open.get()
    if gathering is not None and gathering.of == _here():
        gathering.write()


def write(rows: Iterable[Put]) -> None:
    """Events as they came. Jobs in the order of their keys, so that two who owe the same ones don't wait for each other; of
    those with a known key none is added."""
    rows = list(rows)
    if events := [row for row in rows if isinstance(row, EventRecord)]:
        EventRecord.objects.bulk_create(events)
    if jobs := [row for row in rows if isinstance(row, Job)]:
        Job.objects.bulk_create(sorted(jobs, key=lambda row: row.key), ignore_conflicts=True)


def _here() -> tuple[Any, ...]:
    clinic, savepoints = clinic_or_none(), transaction.get_connection().savepoint_ids
    return (clinic.id if clinic else None, *(one for one in savepoints if one))
