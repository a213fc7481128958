"""How do a table's rows leave and enter the database so that equal rows are equal bytes?

CSV as PostgreSQL writes it, in the order of the primary key, under fixed settings: `sha256sum` of the file is the proof of the
rows, and the same statement on a restored table must give the same bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from psycopg import sql

FIXED = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL client_encoding = 'UTF8'"
)
COLUMNS = """
SELECT attname, typcollation <> 0 FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
KEY = """
SELECT a.attname FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.place
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY relname COLLATE \"C\""
ALL = sql.SQL("true")


class Proof(NamedTuple):
    """What a table's rows are, in short."""

    rows: int
    bytes: int
    sha256: str


class Table(NamedTuple):
    """Some rows of one table, with the columns to copy and the order to copy them in."""

    schema: str
    name: str
    columns: tuple[str, ...]
    order: tuple[sql.Composable, ...]
    where: sql.Composable = ALL

    @property
    def identifier(self) -> sql.Composable:
        return sql.Identifier(self.schema, self.name)

    def listed(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))


def describe(cursor: Any, schema: str, name: str, *, without: Iterable[str] = (), where: sql.Composable = ALL) -> Table:
    """The table as the catalogue has it. Columns that are computed are left out: they compute themselves again."""
    named = f'"{schema}"."{name}"'
    cursor.execute(COLUMNS, [named])
    collated = {column: is_text for column, is_text in cursor.fetchall() if column not in set(without)}
    cursor.execute(KEY, [named])
    key = [column for (column,) in cursor.fetchall() if column in collated]
    order = tuple(_ordered(column, collated[column]) for column in key or collated)
    return Table(schema, name, tuple(collated), order, where)


def tables_of(cursor: Any, schema: str) -> list[str]:
    cursor.execute(TABLES, [f'"{schema}"'])
    return [name for (name,) in cursor.fetchall()]


def copy_out(cursor: Any, table: Table, write: Callable[[bytes], object] = lambda data: None) -> Proof:
    """Stream the rows to `write`, one by one, the names of the columns first."""
    text = "COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER)"
    statement = sql.SQL(text).format(table.listed(), table.identifier, table.where, sql.SQL(", ").join(table.order))
    digest, size, lines = hashlib.sha256(), 0, 0
    with cursor.copy(statement) as copy:
        for data in copy:
            digest.update(data)
            size, lines = size + len(data), lines + 1
            write(bytes(data))
    return Proof(lines - 1, size, digest.hexdigest())


def copy_in(cursor: Any, table: Table, blocks: Iterator[bytes]) -> None:
    """Stream rows into the table; PostgreSQL compares the names of the columns with the first line."""
    text = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER MATCH)").format(table.identifier, table.listed())
    with cursor.copy(text) as copy:
        for block in blocks:
            copy.write(block)


def fingerprint(cursor: Any, schema: str) -> dict[str, Proof]:
    """The proof of every table of a schema."""
    cursor.execute(FIXED)
    return {name: copy_out(cursor, describe(cursor, schema, name)) for name in tables_of(cursor, schema)}


def _ordered(column: str, is_text: bool) -> sql.Composable:
    return sql.SQL('{} COLLATE "C"' if is_text else "{}").format(sql.Identifier(column))
