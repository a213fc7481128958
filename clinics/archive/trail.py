"""What becomes of the audit trail when a clinic is put back? It goes on: data go back, what was put on record never does.

The archive is loaded with its trail; what the present trail has beyond it is added before the schemas are exchanged. So a
restore takes no entry away, and the chain of seals stays the one whose anchors lie outside.
"""

from typing import Any

from psycopg import sql

from clinics.archive import rows

TABLES = ("audit_entry", "audit_seal")


def keep(cursor: Any, present: str, built: str) -> int:
    """Add to the schema that is being built what the present one's trail has. Answers how many entries and seals.

    Nobody writes there meanwhile: the tables are locked until the exchange is committed. A present schema that has no such
    tables, or others, adds nothing.
    """
    return sum(_keep(cursor, present, built, name) for name in TABLES)


def _keep(cursor: Any, present: str, built: str, name: str) -> int:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{present}"."{name}"'])
    if not cursor.fetchone()[0]:
        return 0
    old, new = (rows.describe(cursor, schema, name) for schema in (present, built))
    if set(old.columns) != set(new.columns):
        return 0
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(old.identifier))
    text = "INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY number ON CONFLICT (id) DO NOTHING"
    cursor.execute(sql.SQL(text).format(new.identifier, new.listed(), new.listed(), old.identifier))
    return int(cursor.rowcount)
