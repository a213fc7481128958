"""How do a clinic's rows come back to `public`, where other clinics' rows are too? Through a temporary table."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from clinics.archive import places, rows
from clinics.archive.bundle import Damaged, Reader
from clinics.archive.places import NO_PASSWORD, PERSON, PLACES, PUBLIC, Mode, Place
from clinics.archive.rows import Proof, Table
from healthcare.core.errors import Refused


class OtherColumns(Refused):
    code = "archive_of_another_release"
    detail = "A table of the archive has other columns than here."


class UnknownPeople(Refused):
    code = "unknown_people"
    detail = "The archive names people who are not here."


class Incoming(NamedTuple):
    """Rows of the archive for one table of public, in a temporary table."""

    place: Place
    staged: Table
    table: Table


def member_of(folder: str, table: str) -> str:
    return f"{folder}/{table}.csv"


def prove(entry: dict[str, Any], proof: Proof, when: str) -> None:
    """Compare what the database holds with what the manifest says. Raises Damaged."""
    if proof != Proof(entry["rows"], entry["bytes"], entry["sha256"]):
        raise Damaged(f"{entry['member']}: {when} has {proof.rows} rows and another SHA-256 than the {entry['rows']} exported.")


def stage(cursor: Any, reader: Reader, clinic_id: UUID) -> list[Incoming]:
    """Load what belongs to public beside it, and prove it there. Raises OtherColumns, UnknownPeople, Damaged."""
    staged = [_stage(cursor, reader, place, clinic_id) for place in (PERSON, *PLACES)]
    _refuse_unknown(cursor, staged[0])
    for incoming in staged[1:]:
        _refuse_foreign(cursor, incoming, clinic_id)
    return staged


def merge(cursor: Any, incoming: Incoming) -> int:
    """Bring the staged rows into public. Answers how many of them are otherwise there, and were left so. Raises Damaged."""
    place, staged, _ = incoming
    if place is PERSON and staged.columns == ("id",):
        return 0
    if place.mode is Mode.ADDED:
        _add(cursor, incoming)
        return _otherwise(cursor, incoming)
    _replace(cursor, incoming)
    return 0


def prove_merged(cursor: Any, reader: Reader, incoming: Incoming) -> None:
    if incoming.place.mode is Mode.REPLACED:
        entry = reader.entry(member_of(PUBLIC, incoming.place.table))
        prove(entry, rows.copy_out(cursor, incoming.table), "the database")


def _stage(cursor: Any, reader: Reader, place: Place, clinic_id: UUID) -> Incoming:
    name = member_of(PUBLIC, place.table)
    if not reader.has(name):
        raise OtherColumns(f"The archive knows no {place.table}: it is of another release.")
    entry = reader.entry(name)
    table = rows.describe(cursor, PUBLIC, place.table, without=place.without, where=places.of_clinic(place, clinic_id))
    if tuple(entry["columns"]) != table.columns and not (place is PERSON and entry["columns"] == ["id"]):
        raise OtherColumns(f"{place.table} has other columns in the archive than here: it is of another release.")
    staged = Table("pg_temp", f"incoming_{place.table}", tuple(entry["columns"]), table.order)
    copied = sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    cursor.execute(copied.format(sql.Identifier(staged.name), staged.listed(), table.identifier))
    rows.copy_in(cursor, staged, reader.blocks(name))
    prove(entry, rows.copy_out(cursor, staged), "the loaded table")
    return Incoming(place, staged, table)


def _refuse_unknown(cursor: Any, people: Incoming) -> None:
    if people.staged.columns != ("id",):
        return
    missing = "SELECT count(*) FROM {} s WHERE NOT EXISTS (SELECT 1 FROM public.accounts_user u WHERE u.id = s.id)"
    cursor.execute(sql.SQL(missing).format(people.staged.identifier))
    if count := cursor.fetchone()[0]:
        raise UnknownPeople(f"{count} people whom the archive names are not here; export the clinic again with --with-people.")


def _refuse_foreign(cursor: Any, incoming: Incoming, clinic_id: UUID) -> None:
    """An archive of one clinic must not hold rows of another, whoever signed it."""
    column = sql.Identifier(incoming.place.column)
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} IS DISTINCT FROM {}")
    cursor.execute(query.format(incoming.staged.identifier, column, sql.Literal(clinic_id)))
    if cursor.fetchone()[0]:
        raise Damaged(f"{incoming.place.table}: the archive holds rows of another clinic.")


def _replace(cursor: Any, incoming: Incoming) -> None:
    place, staged, table = incoming
    names = {
        "table": table.identifier,
        "columns": table.listed(),
        "staged": staged.identifier,
        "key": sql.Identifier(place.key),
    }
    update = sql.SQL("")
    if place.column == place.key:  # the clinic itself: much refers to it, so it stays where it is
        assigned = (sql.SQL("{c} = EXCLUDED.{c}").format(c=sql.Identifier(column)) for column in table.columns)
        update = sql.SQL("ON CONFLICT ({key}) DO UPDATE SET {to}").format(key=names["key"], to=sql.SQL(", ").join(assigned))
    else:
        cursor.execute(sql.SQL("DELETE FROM {table} WHERE {where}").format(table=table.identifier, where=table.where))
    cursor.execute(sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged} ").format(**names) + update)


def _add(cursor: Any, incoming: Incoming) -> None:
    columns, values = incoming.staged.listed(), incoming.staged.listed()
    if incoming.place is PERSON:
        columns += sql.SQL(", password")
        values += sql.SQL(", {}").format(sql.Literal(NO_PASSWORD))
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING")
    cursor.execute(insert.format(incoming.table.identifier, columns, values, incoming.staged.identifier))


def _otherwise(cursor: Any, incoming: Incoming) -> int:
    query = sql.SQL("SELECT count(*) FROM (SELECT {c} FROM {s} EXCEPT SELECT {c} FROM {t}) AS differing")
    cursor.execute(query.format(c=incoming.staged.listed(), s=incoming.staged.identifier, t=incoming.table.identifier))
    return int(cursor.fetchone()[0])
