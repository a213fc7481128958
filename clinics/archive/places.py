"""Which rows belong to a clinic? All tables of its schema, and of `public` what this table names.

A table of `public` that points at clinics is either here or left out with a reason; a test compares with the catalogue.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from psycopg import sql

PUBLIC = "public"
PEOPLE = "accounts_user"


class Mode(StrEnum):
    """What a restore does with the rows that are there now."""

    REPLACED = "replaced"  # the clinic's rows become those of the export
    ADDED = "added"  # what is missing is added; what is there stays, so that no right comes back that was taken


class Place(NamedTuple):
    """`column` points at the clinic; `key` says which row is which; `without` are columns that an export leaves out."""

    table: str
    column: str
    mode: Mode
    key: str = "id"
    without: tuple[str, ...] = ()
    condition: str = "true"


PLACES: tuple[Place, ...] = (
    Place("clinics_clinic", "id", Mode.REPLACED),
    Place("clinics_domain", "tenant_id", Mode.REPLACED, key="domain", without=("id",)),
    Place("clinics_location", "clinic_id", Mode.REPLACED),
    Place("clinics_settingsversion", "clinic_id", Mode.ADDED),
    Place("accounts_membership", "clinic_id", Mode.ADDED),
    Place("accounts_display", "clinic_id", Mode.ADDED),
    Place("event", "clinic_id", Mode.ADDED),
    Place("platform_audit_entry", "clinic_id", Mode.ADDED, without=("number",)),  # numbers are each installation's own
    Place("job", "clinic_id", Mode.ADDED, key="key", condition="state IN ('ready', 'running')"),  # what is still owed
)
LEFT_OUT: dict[str, str] = {
    "busy": "made anew from the clinic's claims once it is back",
    "accounts_invitation": "a link that is out; whoever restores invites anew",
    "accounts_socketticket": "opens one socket within thirty seconds",
    "clinics_tombstone": "written when a clinic has ended; then there is nothing to export",
}
# People are the platform's, not a clinic's: named by id, or (asked for) with their sealed columns, never with a password.
PERSON = Place(PEOPLE, "id", Mode.ADDED, without=("password",))
NO_PASSWORD = "!"  # noqa: S105 (Django's mark for "none can be right")

REFERENCES = """
SELECT c.conrelid::regclass::text, n.nspname, r.relname, a.attname FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'public.accounts_user'::regclass AND n.nspname IN ('public', %s) ORDER BY 1, 4
"""


def of_clinic(place: Place, clinic_id: Any) -> sql.Composable:
    """The condition by which the place's rows are this clinic's."""
    return sql.SQL("{} = {} AND {}").format(sql.Identifier(place.column), sql.Literal(clinic_id), sql.SQL(place.condition))


def of_people(cursor: Any, schema: str, clinic_id: Any) -> sql.Composable:
    """The condition by which people are those whom the clinic's rows name, found by the foreign keys."""
    cursor.execute(REFERENCES, [schema])
    by_table = {place.table: of_clinic(place, clinic_id) for place in PLACES}
    named = [
        sql.SQL("SELECT {c} FROM {t} WHERE {w}").format(
            c=sql.Identifier(column), t=sql.Identifier(home, table), w=sql.SQL("true") if home == schema else by_table[table]
        )
        for _, home, table, column in cursor.fetchall()
        if home == schema or table in by_table
    ]
    return sql.SQL("id IN ({})").format(sql.SQL(" UNION ").join(named))
