"""How do several processes share the schemas? Each takes one at a time on a connection of its own; none outlives the run long.

Whoever is killed, nothing is lost: a worker whose parent is gone finishes the schema it is at and ends; a worker that is gone
is reported, and another takes its place.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

import django
from django.db import connections

from clinics.migrating.applying import SchemaGone, apply
from clinics.migrating.report import APPLIED, FAILED, GONE, Outcome, why
from clinics.services.schemas import OWNER

LOOK = 0.5  # seconds between looks whether the parent still lives
NO_MORE = ""
_inherited: list[Any] = []  # the parent's connections: to be neither used nor closed here
processes: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def migrate_one(schema: str) -> Outcome:
    """Bring one schema up to date in this process; what goes wrong is in the outcome."""
    begun, done, outcome, error = time.monotonic(), list[str](), APPLIED, ""
    try:
        apply(schema, done)
    except SchemaGone:
        outcome = GONE
    except Exception as failure:
        outcome, error = FAILED, why(failure)
        connections[OWNER].close()
    return Outcome(schema, outcome, done, round(time.monotonic() - begun, 3), error)


def migrate_many(schemas: Sequence[str], number: int) -> Iterator[Outcome]:
    """Each schema's outcome as it comes, from that many processes (in this one where one is enough)."""
    if min(number, len(schemas)) <= 1:
        yield from map(migrate_one, schemas)
        return
    left = list(reversed(schemas))
    crew = [Worker() for _ in range(min(number, len(schemas)))]
    try:
        for worker in crew:
            worker.give(left.pop())
        while busy := [worker for worker in crew if worker.schema]:
            for ready in wait([worker.pipe for worker in busy]):
                worker = next(one for one in busy if one.pipe is ready)
                outcome = worker.take()
                if not worker.alive:
                    crew[crew.index(worker)] = worker = Worker()
                yield outcome
                if left:
                    worker.give(left.pop())
    finally:
        for worker in crew:
            worker.end()


class Worker:
    """One process and the pipe to it; `schema` is what it is at."""

    def __init__(self) -> None:
        self.pipe, theirs = processes.Pipe()
        self.process = processes.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.schema = ""
        self.alive = True

    def give(self, schema: str) -> None:
        self.schema = schema
        try:
            self.pipe.send(schema)
        except OSError:
            pass  # it is gone: `take` says so

    def take(self) -> Outcome:
        schema, self.schema = self.schema, ""
        try:
            outcome: Outcome = self.pipe.recv()
        except (EOFError, OSError):
            self.alive = False
            return Outcome(schema, FAILED, error="its process ended")
        return outcome

    def end(self) -> None:
        self.give(NO_MORE)
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection, parent: int) -> None:
    django.setup()
    for alias in connections:
        _inherited.append(connections[alias].connection)
        connections[alias].connection = None
    try:
        while _waits(pipe, parent) and (schema := pipe.recv()) != NO_MORE:
            pipe.send(migrate_one(schema))
    except (EOFError, OSError):
        pass  # the parent is gone
    connections.close_all()


def _waits(pipe: Connection, parent: int) -> bool:
    """Wait for a schema. False when the parent is gone: its end of the pipe may live on in a brother."""
    while not pipe.poll(LOOK):
        if os.getppid() != parent:
            return False
    return True
