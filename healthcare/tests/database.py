"""How does the test database come to be, and come back to a clean state?"""

from typing import Any

from django.db import connections, transaction
from psycopg import sql

from clinics.services.schemas import OWNER, owner_cursor

KEPT = ("django_migrations", "clinics_clinic", "clinics_location", "clinics_domain", "django_content_type", "auth_permission")
CLINICS = (("north", "North Clinic", "Europe/Berlin"), ("south", "South Hospital", "Asia/Kolkata"))


def make_fresh() -> None:
    """Drop every schema of an earlier run, migrate, open two clinics."""
    from accounts import signing
    from clinics.services.migrating import bring_up_to_date
    from clinics.services.opening import open_clinic, order_clinic
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


def empty() -> None:
    """Delete all rows of all schemas but the kept tables', with the owner's rights, past triggers; numbers begin anew.

    To truncate the hundred and more tables that hold nothing would take ten times as long.
    """
    with owner_cursor() as cursor, transaction.atomic(using=OWNER):
        tables = [sql.Identifier(*found) for found in _with_rows(cursor)]
        for table in tables:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        for table in tables:
            cursor.execute(sql.SQL("DELETE FROM {}").format(table))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
        cursor.execute(RENUMBER, [_schemas(cursor), list(KEPT)])
    with connections["keystore"].cursor() as cursor:
        cursor.execute("DELETE FROM wrapped_key WHERE kind = 'patient' OR destroyed_at IS NOT NULL")


# tables that were ever written to: a look into each of the others would take longer than all the rest
WRITTEN = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND n.nspname <> 'clinic_template' AND c.relkind = 'r' AND c.relname <> ALL(%s)
  AND pg_relation_size(c.oid) > 0 ORDER BY 1, 2
"""
RENUMBER = """
SELECT setval(d.objid::regclass, s.seqstart, false)
FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND n.nspname <> 'clinic_template' AND c.relname <> ALL(%s)
  AND pg_sequence_last_value(s.seqrelid) IS NOT NULL
"""


def _with_rows(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(WRITTEN, [_schemas(cursor), list(KEPT)])
    if not (written := cursor.fetchall()):
        return []
    look = sql.SQL("SELECT {}, {} WHERE EXISTS (SELECT FROM {})")
    looks = [look.format(sql.Literal(schema), sql.Literal(name), sql.Identifier(schema, name)) for schema, name in written]
    cursor.execute(sql.SQL(" UNION ALL ").join(looks))
    return list(cursor.fetchall())


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
