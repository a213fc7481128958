"""What may a database role touch? The short list of rights on `public`, and all rights of a clinic's role on its own schema.

Roles: the owner changes schemas; the application's login role owns nothing and inherits nothing; each clinic has a role the
application may become (`SET ROLE`), which sees one schema and, in `public`, only what is listed here.
"""

from typing import Any

from psycopg import sql

# what the application's own role may do in public; `audit` tables can be added to, never changed
APPEND_ONLY = ("platform_audit_entry", "platform_audit_seal", "clinics_settingsversion")
READ_ONLY = ("django_migrations",)
NOT_AT_ALL = ("django_admin_log",)  # the stock admin log holds names; the audit replaces it

# What clinics' roles may do in public: table -> (privilege, columns or None for all). Granted once, to the role of which each
# clinic's role is an heir: two hundred entries in a table's list of rights would slow every look at it.
CLINICS_ROLE = "healthcare_clinics"
CLINIC_ON_PUBLIC: dict[str, tuple[tuple[str, tuple[str, ...] | None], ...]] = {
    "event": (("INSERT", None),),
    "job": (("INSERT", None),),
    "platform_audit_entry": (("INSERT", None),),
    "clinics_location": (("SELECT", None),),
    "clinics_clinic": (
        (
            "SELECT",
            ("id", "schema_name", "slug", "name", "state", "domain", "zone", "currency", "language", "languages", "version"),
        ),
    ),
}
CLINIC_APPEND_ONLY = ("audit_entry", "audit_seal")


def grant_public(cursor: Any, app_role: str) -> None:
    """Bring the application's rights on public up to date; run after each migration of public. Idempotent."""
    app = sql.Identifier(app_role)
    tables = _tables(cursor, "public")
    cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
    cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(app))
    cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(app))
    grant_clinics(cursor)
    for names, rights in ((APPEND_ONLY, "UPDATE, DELETE"), (READ_ONLY, "INSERT, UPDATE, DELETE"), (NOT_AT_ALL, "ALL")):
        for name in set(names) & tables:
            cursor.execute(sql.SQL("REVOKE {} ON public.{} FROM {}").format(sql.SQL(rights), sql.Identifier(name), app))


def grant_clinics(cursor: Any) -> None:
    """The rights on public that all clinics share."""
    _make(cursor, CLINICS_ROLE)
    heirs = sql.Identifier(CLINICS_ROLE)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(heirs))
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(heirs))  # what left the list, too
    for name, rights in CLINIC_ON_PUBLIC.items():
        table = sql.Identifier(name)
        for privilege, columns in rights:
            listed = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Identifier, columns))) if columns else sql.SQL("")
            cursor.execute(sql.SQL("GRANT {} {} ON public.{} TO {}").format(sql.SQL(privilege), listed, table, heirs))


def make_role(cursor: Any, role: str, app_role: str) -> None:
    """The clinic's own role: no login, heir of what all clinics share; the application may become it."""
    _make(cursor, role)
    heirs, name = sql.Identifier(CLINICS_ROLE), sql.Identifier(role)
    cursor.execute(sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(heirs, name))
    cursor.execute(
        sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(sql.Identifier(role), sql.Identifier(app_role))
    )


def grant_clinic(cursor: Any, schema: str) -> None:
    """Give the clinic's role (named like its schema) its schema. Idempotent."""
    role = sql.Identifier(schema)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {s} TO {s}").format(s=role))
    cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {s} TO {s}").format(s=role))
    cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON {s}.django_migrations FROM {s}").format(s=role))
    for name in set(CLINIC_APPEND_ONLY) & _tables(cursor, schema):
        cursor.execute(sql.SQL("REVOKE UPDATE, DELETE ON {s}.{t} FROM {s}").format(s=role, t=sql.Identifier(name)))


def drop_role(cursor: Any, role: str) -> None:
    """Take a clinic's role away. Its schema, where all its own rights were, must be gone already."""
    cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _make(cursor: Any, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(role)))


def _tables(cursor: Any, schema: str) -> set[str]:
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')", [_quoted(schema)]
    )
    return {name for (name,) in cursor.fetchall()}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
