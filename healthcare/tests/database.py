"""How does the test database come to be, and come back to a clean state?"""

from typing import Any

from django.db import connections
from psycopg import sql

KEPT = ("django_migrations", "clinics_clinic", "clinics_location", "clinics_domain", "django_content_type", "auth_permission")
CLINICS = (("north", "North Clinic", "Europe/Berlin"), ("south", "South Hospital", "Asia/Kolkata"))


def make_fresh() -> None:
    """Drop every schema of an earlier run, migrate, open two clinics."""
    from accounts import signing
    from clinics.services.migrating import bring_up_to_date
    from clinics.services.opening import open_clinic, order_clinic
    from clinics.services.schemas import owner_cursor
    from healthcare.core.crypto import PLATFORM, clinic_scope
    from healthcare.core.keystore import keys

    with owner_cursor() as cursor:
        for schema in _schemas(cursor):
            cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        cursor.execute("CREATE SCHEMA public")
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^clinic_[0-9a-f]{32}$'")
        for (role,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    with connections["keystore"].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS wrapped_key, django_migrations")
    if failed := [outcome for outcome in bring_up_to_date(say=lambda line: None) if not outcome.good]:
        raise RuntimeError(f"the test database can't be made: {failed}")
    keys.newest(PLATFORM)  # made now, for good: a key made inside a test would vanish with it
    keys.index_secret(PLATFORM)
    signing.newest()
    for slug, name, zone in CLINICS:
        clinic = open_clinic(order_clinic(slug=slug, name=name, zone=zone))
        keys.index_secret(clinic_scope(clinic.id))
    empty()


TRAILS = ("audit_entry", "audit_seal", "platform_audit_entry", "platform_audit_seal")


def empty() -> None:
    """Empty all tables of all schemas but the kept ones; the trails last, where it is on record, with the owner's rights."""
    from clinics.services.schemas import owner_cursor

    with owner_cursor() as cursor:
        tables = [(schema, name) for schema in _schemas(cursor) for name in _tables(cursor, schema)]
        trails = [table for table in tables if table[1] in TRAILS]
        _truncate(cursor, [table for table in tables if table not in trails])
        for table in trails:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(*table)))
        _truncate(cursor, trails)
        for table in trails:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(*table)))
    with connections["keystore"].cursor() as cursor:
        cursor.execute("DELETE FROM wrapped_key WHERE kind = 'patient'")


def _tables(cursor: Any, schema: str) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    return [name for (name,) in cursor.fetchall() if name not in KEPT and schema != "clinic_template"]


def _truncate(cursor: Any, tables: list[tuple[str, str]]) -> None:
    listed = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
    cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(listed))


def _schemas(cursor: Any) -> list[str]:
    cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspname ~ '^clinic_' ORDER BY nspname")
    return [name for (name,) in cursor.fetchall()]


def forget_everything() -> None:
    from accounts import signed_in, signing
    from healthcare.core import breakers, cache, throttles
    from healthcare.core.keystore import keys
    from monitoring import reviews
    from monitoring.trail import reading

    keys.forget()
    reading.forget()
    signing.forget()
    reviews.overdue.cache_clear()
    cache.forget_memory()
    cache.clear()
    signed_in.forget()
    breakers._breakers.clear()
    if counted := list(throttles.store().scan_iter("limit:*")):
        throttles.store().delete(*counted)


def close_pools() -> None:
    for alias in connections:
        connection = connections[alias]
        connection.close()
        if getattr(connection, "pool", None):
            connection.close_pool()
