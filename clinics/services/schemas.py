"""How does a clinic's schema come to be, and which are behind the template? On the owner's connection."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from psycopg import sql

from clinics import cloning, grants
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA

OWNER = "owner"
LOCK = 7_240_115  # any number; the same for everybody who changes or copies the template
PATIENCE = 120.0  # seconds that an opening waits for the template


@contextlib.contextmanager
def owner_cursor(schema: str = PUBLIC_SCHEMA) -> Iterator[Any]:
    """A cursor of the role that may change schemas."""
    connection: Any = connections[OWNER]
    connection.set_schema(schema)
    with connection.cursor() as cursor:
        yield cursor
    connection.set_schema_to_public()


def app_role() -> str:
    return str(settings.DATABASES["default"]["USER"])


class Busy(RuntimeError):
    """Another process has kept the lock for longer than anybody should."""


def wait_for_lock(cursor: Any, question: str, key: list[Any], patience: float, told: Callable[[], None] = lambda: None) -> None:
    """Ask for an advisory lock until it is given; `told` is called once if that takes time. Raises Busy after `patience` s.

    One long wait would itself hold up an index that is built beside traffic, and that one may hold the lock.
    """
    begun, said = time.monotonic(), False
    while True:
        cursor.execute(question, key)
        if cursor.fetchone()[0]:
            return
        waited = time.monotonic() - begun
        if waited > patience:
            raise Busy
        if waited > 1 and not said:
            told()
            said = True
        time.sleep(0.05)


def open_schema(schema: str) -> None:
    """Make a clinic's schema and role from the template, in one transaction: it is there whole or not at all."""
    with transaction.atomic(using=OWNER), owner_cursor() as cursor:
        wait_for_lock(cursor, "SELECT pg_try_advisory_xact_lock(%s)", [LOCK], PATIENCE)
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        if cursor.fetchone() is None:
            cloning.clone(cursor, TEMPLATE_SCHEMA, schema)
        cursor.execute("SELECT set_config('search_path', 'public', true)")
        grants.make_role(cursor, schema, app_role())
        grants.grant_clinic(cursor, schema)


def behind() -> list[str]:
    """Clinic schemas that lack a migration the template has: one query for all of them."""
    with owner_cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^clinic_[0-9a-f]{32}$' ORDER BY nspname")
        schemas = [name for (name,) in cursor.fetchall()]
        if not schemas:
            return []
        missing = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {name} WHERE EXISTS (SELECT app, name FROM {template}.django_migrations"
                " EXCEPT SELECT app, name FROM {schema}.django_migrations)"
            ).format(name=sql.Literal(s), template=sql.Identifier(TEMPLATE_SCHEMA), schema=sql.Identifier(s))
            for s in schemas
        )
        cursor.execute(missing)
        return [name for (name,) in cursor.fetchall()]
