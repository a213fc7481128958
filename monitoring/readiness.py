"""May this process be sent requests? The database answers and has every migration this code was written for."""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from healthcare.core.db_router import KEYSTORE
from healthcare.core.tenancy import on_platform
from monitoring import probes


def ready() -> dict[str, str]:
    """`{"database": "ok", "migrations": "ok"}`, or what is missing."""
    if probes.measure("database")["status"] != "ok":
        return {"database": "away", "migrations": "unknown"}
    return {"database": "ok", "migrations": "ok" if not owed() else "owed"}


def owed() -> set[tuple[str, str]]:
    """Migrations of public that the code has and the database lacks; one query."""
    with on_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return written() - set(cursor.fetchall())


@cache
def written() -> set[tuple[str, str]]:
    """Migrations in the code of the shared apps; read from disk once."""
    labels = {c.label for c in apps.get_app_configs() if c.name in settings.SHARED_APPS and c.label != KEYSTORE}
    return {key for key in MigrationLoader(None).disk_migrations or () if key[0] in labels}
