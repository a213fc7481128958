"""How do schemas come up to date? Public, then the template, then every clinic; nothing is done where nothing is owed.

Runs on the owner's connection. A lock lets one such run work at a time.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from clinics import cloning, grants
from healthcare.core.db_router import KEYSTORE
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA

OWNER = "owner"
LOCK = 7_240_115  # any number; the same for everybody who migrates
QUIETLY: dict[str, Any] = {"verbosity": 0, "interactive": False, "skip_checks": True}
Say = Callable[[str], None]


@contextlib.contextmanager
def owner_cursor(schema: str = PUBLIC_SCHEMA) -> Iterator[Any]:
    """A cursor of the role that may change schemas."""
    connection = connections[OWNER]
    connection.set_schema(schema)
    with connection.cursor() as cursor:
        yield cursor
    connection.set_schema_to_public()


def app_role() -> str:
    return str(settings.DATABASES["default"]["USER"])


def bring_up_to_date(say: Say) -> int:
    """Migrate the key store, public, the template and every clinic. Answers how many schemas changed."""
    with _alone():
        changed = _migrate_keystore(say) + _migrate(PUBLIC_SCHEMA, say)
        with transaction.atomic(using=OWNER), owner_cursor() as cursor:  # requests never see a right taken and not yet given
            grants.grant_public(cursor, app_role())
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(TEMPLATE_SCHEMA)))
        changed += _migrate(TEMPLATE_SCHEMA, say)
        for schema in behind():
            changed += _migrate(schema, say)
            with owner_cursor() as cursor:
                grants.grant_clinic(cursor, schema)
    return changed


def open_schema(schema: str) -> None:
    """Make a clinic's schema and role from the template, in one transaction: it is there whole or not at all."""
    with transaction.atomic(using=OWNER), owner_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
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


def _migrate_keystore(say: Say) -> int:
    if not _owed(connections[KEYSTORE], {"keystore"}):
        return 0
    say("migrating the key store")
    call_command(Migrate(), "keystore", database=KEYSTORE, **QUIETLY)
    return 1


def _migrate(schema: str, say: Say) -> int:
    """Apply what one schema lacks. Answers 1 if something was applied."""
    connection = connections[OWNER]
    connection.set_schema(schema)
    try:
        wanted = settings.SHARED_APPS if schema == PUBLIC_SCHEMA else settings.TENANT_APPS
        labels = {config.label for config in apps.get_app_configs() if config.name in wanted}
        if not _owed(connection, labels):
            return 0
        say(f"migrating {schema}")
        call_command(Migrate(), database=OWNER, **QUIETLY)
        return 1
    finally:
        connection.set_schema_to_public()


def _owed(connection: Any, labels: set[str]) -> bool:
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations or ())
    return any(key not in applied for key in loader.graph.nodes if key[0] in labels)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with owner_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with owner_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
