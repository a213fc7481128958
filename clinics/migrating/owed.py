"""What is owed where? Public's and the template's migrations against the code; which new ones break running code."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from clinics.migrating.dangers import Danger, found_in
from clinics.services.schemas import OWNER, owner_cursor
from healthcare.core.db_router import KEYSTORE
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA

Key = tuple[str, str]
BIG = 32 * 1024 * 1024  # bytes of a table; building an index on so much takes about a third of a second
TABLE_SIZES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (n.nspname = 'public' OR n.nspname ~ '^clinic_') AND c.relpages > 0
GROUP BY c.relname HAVING max(pg_relation_size(c.oid)) >= %s
"""


@dataclass(frozen=True)
class Owed:
    """The migrations that the key store, public and the template lack; a database that has none yet has no code to break."""

    keystore: list[Key]
    public: list[Key]
    template: list[Key]
    dangers: list[Danger]


def labels(schema: str) -> set[str]:
    """The apps whose tables live in the schema."""
    wanted = settings.SHARED_APPS if schema == PUBLIC_SCHEMA else settings.TENANT_APPS
    return {config.label for config in apps.get_app_configs() if config.name in wanted} - {KEYSTORE}


def survey() -> Owed:
    """Look at everything before anything runs."""
    keys = missing(MigrationLoader(connections[KEYSTORE]), {KEYSTORE})
    loader = loader_of(PUBLIC_SCHEMA)
    public, fresh = missing(loader, labels(PUBLIC_SCHEMA)), not loader.applied_migrations
    template = missing(loader_of(TEMPLATE_SCHEMA), labels(TEMPLATE_SCHEMA))
    new = {*public, *template}
    return Owed(keys, public, template, [] if fresh or not new else _dangers(loader, new))


def _dangers(loader: MigrationLoader, new: set[Key]) -> list[Danger]:
    return found_in(_plan(loader, new), ProjectState(real_apps=loader.unmigrated_apps), _big_tables(), labels(TEMPLATE_SCHEMA))


def loader_of(schema: str) -> MigrationLoader:
    """The code's migrations, and which of them the schema has. A schema that is not there has none."""
    connection: Any = connections[OWNER]
    connection.set_schema(schema, include_public=False)
    try:
        return MigrationLoader(connection)
    finally:
        connection.set_schema_to_public()


def missing(loader: MigrationLoader, wanted: Collection[str]) -> list[Key]:
    applied = loader.applied_migrations or {}
    return [key for key in loader.graph.nodes if key[0] in wanted and key not in applied]


def _plan(loader: MigrationLoader, new: set[Key]) -> Iterator[tuple[Migration, bool]]:
    """Every migration in order, with whether it is new."""
    seen: set[Key] = set()
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key not in seen:
                seen.add(key)
                yield loader.graph.nodes[key], key in new


def _big_tables() -> set[str]:
    with owner_cursor() as cursor:
        cursor.execute(TABLE_SIZES, [BIG])
        return {name for (name,) in cursor.fetchall()}
