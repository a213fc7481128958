"""How does one schema get what it lacks? Each migration with its record and its rights in one transaction: whole or not at all.

Django's own executor records some migrations after their commit; a kill in between would leave a schema that can neither go
on nor back. Locks are waited for briefly and asked for again: whoever waits for a table's lock keeps its readers waiting too.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import OperationalError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from psycopg import errors, sql

from clinics import fittings, grants
from clinics.migrating.owed import Key, labels, missing
from clinics.services.schemas import OWNER, owner_cursor, wait_for_lock
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA

LOCKS = 7_240_116  # class of the advisory locks by schema; any number, the same for everybody who migrates
PATIENCE = 600.0  # seconds for another process that works on the schema
TRIES, PAUSE = 20, 0.5  # seconds between tries for a table that is in use
LOCK_TIMEOUT = "1s"


class SchemaGone(RuntimeError):
    """The clinic was deleted meanwhile: nothing is owed to it any more."""


class WholeExecutor(MigrationExecutor):
    """Applies a migration, writes its record and gives the rights on what is new in one transaction."""

    def __init__(self, connection: Any, schema: str, done: list[str]) -> None:
        super().__init__(connection)
        self.schema = schema
        self.own = labels(schema)
        self.done = done

    def _migrate_all_forwards(
        self, state: ProjectState, plan: Any, full_plan: Any, fake: bool, fake_initial: bool
    ) -> ProjectState:
        """As Django does, but the schema's own migrations one after the other as far as what they depend on allows: between
        them the models stay rendered, and every change from own to elsewhere and back is a rendering of all of them."""
        owed = {migration for migration, _ in plan}
        for migration in together([one for one, _ in full_plan if one in owed], self.own, self.loader.graph):
            state = self.apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        return state

    def apply_migration(self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False) -> Any:
        if migration.app_label not in self.own:
            state = self._of_elsewhere(state, migration)
        elif migration.atomic:
            state.apps  # noqa: B018 (rendered here once, not twice by what follows)
            with transaction.atomic(using=OWNER):
                self._hold()
                before = self._tables()
                state = super().apply_migration(state, migration, fake, fake_initial)
                if self.schema not in (PUBLIC_SCHEMA, TEMPLATE_SCHEMA) and self._tables() != before:
                    grants.grant_clinic(self._cursor(), self.schema)
                if self.schema != PUBLIC_SCHEMA:  # public is fitted when all of it is there
                    fittings.fit(self._cursor(), self.schema)
        else:
            self._drop_what_a_kill_left(migration)
            state = super().apply_migration(state, migration, fake, fake_initial)
        self.done.append(f"{migration.app_label}.{migration.name}")
        return state

    def _of_elsewhere(self, state: ProjectState, migration: Migration) -> ProjectState:
        """Recorded, no more: the router lets it do nothing here. To render the models after each of its operations would be
        most of the time that a new database takes; they are rendered when the schema's own turn comes."""
        state.__dict__.pop("apps", None)
        with transaction.atomic(using=OWNER):
            self._hold()
            self.record_migration(migration)  # type: ignore[call-arg,arg-type]  # the stubs have a former signature
        return migration.mutate_state(state, preserve=False)

    def _hold(self) -> None:
        """Keep the schema from being dropped under us: without it new tables would land in public."""
        record = sql.Identifier(self.schema, "django_migrations")
        self._cursor().execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(record))

    def _drop_what_a_kill_left(self, migration: Migration) -> None:
        """An index that was being built beside traffic is there, perhaps invalid, though the migration is not recorded."""
        for operation in migration.operations:
            if isinstance(operation, AddIndexConcurrently):
                name = sql.Identifier(self.schema, str(operation.index.name))
                self._cursor().execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name))

    def _tables(self) -> set[str]:
        cursor = self._cursor()
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [self.schema])
        return {name for (name,) in cursor.fetchall()}

    def _cursor(self) -> Any:
        return self.connection.cursor()


def together(left: list[Migration], own: Collection[str], graph: MigrationGraph) -> Iterator[Migration]:
    """Those of apps elsewhere first, then own ones, and so on: each once what it depends on is through."""
    waiting, turn = {(one.app_label, one.name) for one in left}, False
    while left:
        later = []
        for one in left:
            key = (one.app_label, one.name)
            if (one.app_label in own) is turn and not any(parent.key in waiting for parent in graph.node_map[key].parents):
                waiting.remove(key)
                yield one
            else:
                later.append(one)
        left, turn = later, not turn


def apply(schema: str, done: list[str]) -> None:
    """Apply what the schema lacks; each migration that is through is added to `done`, so that it is known whatever follows.

    A table in use is tried for again for ten seconds and more. Raises SchemaGone, Busy, or what the database said.
    """
    connection: Any = connections[OWNER]
    with _alone_in(schema):
        for left in reversed(range(TRIES)):
            executor = _executor(connection, schema, done)
            try:
                _run(executor, schema)
                return
            except OperationalError as error:
                if left == 0 or not isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                    raise
                time.sleep(PAUSE)
            finally:
                connection.set_schema_to_public()


def _executor(connection: Any, schema: str, done: list[str]) -> WholeExecutor:
    connection.set_schema(schema)
    if schema != PUBLIC_SCHEMA and not _exists(connection, schema):
        raise SchemaGone(schema)
    return WholeExecutor(connection, schema, done)


def _run(executor: WholeExecutor, schema: str) -> None:
    """Where one of the schema's own migrations is owed, the others are recorded with it; the router lets them do nothing."""
    if not missing(executor.loader, labels(schema)):
        return
    targets = executor.loader.graph.leaf_nodes()
    with executor.connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        executor.migrate(targets, state=_state_before(executor))
    finally:
        with executor.connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


_states: dict[frozenset[Key], ProjectState] = {}


def _state_before(executor: Any) -> ProjectState:
    """The models as they are before the plan, rendered once for all schemas that are equally far."""
    applied = frozenset(executor.loader.applied_migrations or {})
    if applied not in _states:
        _states.clear()
        _states[applied] = executor._create_project_state(with_applied_migrations=True)
        _states[applied].apps  # noqa: B018 (renders the models: half a second that each schema would pay)
    return _states[applied].clone()


def _exists(connection: Any, schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


@contextmanager
def _alone_in(schema: str) -> Iterator[None]:
    """One process in a schema at a time: a killed run's worker may still be at it. Raises Busy."""
    key = [LOCKS, schema]
    with owner_cursor() as cursor:
        wait_for_lock(cursor, "SELECT pg_try_advisory_lock(%s, hashtext(%s))", key, PATIENCE)
    try:
        yield
    finally:
        with owner_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)
