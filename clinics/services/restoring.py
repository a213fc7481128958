"""How does one clinic come back, while the others go on? Proven, loaded, proven again, swapped in: all or nothing."""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import Error, transaction
from psycopg import sql

from clinics import cloning, grants
from clinics.archive import incoming, keys, rows, stored, trail
from clinics.archive.bundle import Damaged, Reader, reading
from clinics.archive.incoming import Incoming, member_of, prove
from clinics.events import ClinicRestored
from clinics.models import Clinic, Tombstone
from clinics.services.exporting import Say, migrations
from clinics.services.removing import drop_schema
from clinics.services.schemas import LOCK, OWNER, app_role, owner_cursor
from healthcare.core.context import acting_as
from healthcare.core.crypto import clinic_scope
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.keystore import keys as keystore
from healthcare.core.keystore.apart import bringing_back
from healthcare.core.keystore.rotation import retired_since
from healthcare.core.tenancy import TEMPLATE_SCHEMA, forget_clinics, on_platform

TRIES = 200  # tenths of a second
IDENTITIES = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attidentity <> ''
"""


class StillThere(Refused):
    code = "clinic_present"
    detail = "The clinic is there; --replace puts the archive in its place."


class OtherLevel(Refused):
    code = "archive_of_another_level"
    detail = "The archive was made at another migration level."


class KeysGone(Refused):
    code = "keys_gone"
    detail = (
        "The key store has no key of this clinic: what comes back could not be read. --unreadable restores it nevertheless."
    )


class Ended(Refused):
    code = "clinic_ended"
    detail = "This clinic was deleted and its keys are destroyed. --unreadable restores what is left, closed, for an inquiry."


class DatabaseRefused(Refused):
    code = "rows_refused"
    detail = "The database refused the archive's rows."


class KeysRetired(Refused):
    code = "keys_retired"
    detail = (
        "The archive is older than keys of this clinic, and the former ones are destroyed (rotate_keys --retire): part of what"
        " comes back could not be read. --unreadable restores it nevertheless."
    )


class Busy(Refused):
    code = "restore_running"
    detail = "Another restore of this clinic is running."


class Migrating(Refused):
    code = "migration_running"
    detail = "Schemas are being migrated or opened; restore when that is done."


class Restored(NamedTuple):
    clinic_id: UUID
    tables: int
    rows: int
    kept: int  # rows of public that are otherwise there now, and were left so
    keys: int


def restore_clinic(
    *,
    path: Path,
    replace: bool = False,
    unreadable: bool = False,
    passphrase: str | None = None,
    by: UUID | None = None,
    say: Say = print,
) -> Restored:
    """Put an exported clinic back. Nothing has changed unless this returns.

    Raises Damaged, NotOurs, StillThere, OtherLevel, OtherColumns, UnknownPeople, KeysGone, KeysRetired, Ended, WrongPassphrase,
    OtherKeys, DatabaseRefused, Busy, Migrating, KeysRetiring, HoldLost.
    """
    with reading(path) as reader, ExitStack() as apart:
        manifest = reader.prove(passphrase)
        clinic_id, schema = _named(manifest)
        say(f"{len(manifest['members'])} files are as they were written")
        still = apart.enter_context(bringing_back(clinic_id))
        _refuse_early(manifest, clinic_id, schema, replace=replace, unreadable=unreadable)
        brought = _keys(reader, clinic_id, passphrase, unreadable=unreadable)
        if files := stored.put_back(reader, schema):
            say(f"{files} files are in their place")
        drop_schema(aside(schema))  # of a run that was killed after it had succeeded
        forget_clinics()  # now and after it: who is killed in between leaves nothing older behind than this
        with _one_transaction() as cursor:
            kept = _load(cursor, reader, clinic_id, schema, say)
            if unreadable:
                cursor.execute("UPDATE clinics_clinic SET state = 'closed' WHERE id = %s", [clinic_id])
            still()
    forget_clinics()
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        publish(ClinicRestored(clinic_id=clinic_id))
    drop_schema(aside(schema))
    names = {entry["member"] for entry in manifest["members"] if not stored.is_file(entry["member"])} - {keys.MEMBER}
    entries = [entry for entry in manifest["members"] if entry["member"] in names]
    return Restored(clinic_id, len(entries), sum(entry["rows"] for entry in entries), kept, brought)


def check_archive(*, path: Path, passphrase: str | None = None) -> dict[str, Any]:
    """Prove an archive without using it. Answers its manifest. Raises Damaged, NotOurs."""
    with reading(path) as reader:
        return reader.prove(passphrase)


def aside(schema: str) -> str:
    """Where the old schema waits until the new one is in its place."""
    return f"{schema}_aside"


def _named(manifest: dict[str, Any]) -> tuple[UUID, str]:
    if manifest.get("kind") != "clinic":
        raise Damaged("The archive is not of a whole clinic.")
    clinic_id = UUID(manifest["clinic"]["id"])
    return clinic_id, f"clinic_{clinic_id.hex}"


def _refuse_early(manifest: dict[str, Any], clinic_id: UUID, schema: str, *, replace: bool, unreadable: bool) -> None:
    with on_platform():
        if not unreadable and Tombstone.objects.filter(clinic_id=clinic_id).exists():
            raise Ended
        present = Clinic.objects.filter(pk=clinic_id).exists()
    with owner_cursor() as cursor:
        _refuse_other_level(manifest["migrations"], migrations(cursor, TEMPLATE_SCHEMA))
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        if (present or cursor.fetchone()) and not replace:
            raise StillThere


def _refuse_other_level(theirs: list[str], ours: list[str]) -> None:
    if newer := sorted(set(theirs) - set(ours)):
        raise OtherLevel(f"The archive was made by another release: {newer[0]} is not known here, {len(newer)} in all.")
    if older := sorted(set(ours) - set(theirs)):
        raise OtherLevel(
            f"The archive is older than this release: it lacks {older[0]}, {len(older)} in all."
            " Restore it with the release that made it, then run migrate_clinics."
        )


def _keys(reader: Reader, clinic_id: UUID, passphrase: str | None, *, unreadable: bool) -> int:
    brought = keys.take(reader, clinic_id, passphrase) if passphrase and reader.has(keys.MEMBER) else 0
    if not unreadable and not keystore.has(clinic_scope(clinic_id)):
        raise KeysGone
    if not unreadable and retired_since(clinic_id, dt.datetime.fromisoformat(reader.manifest["made_at"])):
        raise KeysRetired
    return brought


@contextmanager
def _one_transaction() -> Iterator[Any]:
    """All or nothing. What the database refuses is told by the name of its rule, never with the row."""
    try:
        with owner_cursor() as cursor, transaction.atomic(using=OWNER):
            cursor.execute(rows.FIXED)
            yield cursor
    except (Error, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        if not isinstance(cause, psycopg.Error):
            raise
        rule = cause.diag.constraint_name or cause.diag.table_name or ""
        raise DatabaseRefused(f"The database refused the archive's rows: {type(cause).__name__} {rule}".rstrip()) from None


def _load(cursor: Any, reader: Reader, clinic_id: UUID, schema: str, say: Say) -> int:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [clinic_id.int >> 66])
    if not cursor.fetchone()[0]:
        raise Busy
    cursor.execute("SET LOCAL search_path = public")
    staged = incoming.stage(cursor, reader, clinic_id)
    _refuse_other_schema(cursor, schema)
    built = f"{schema}_new"
    links = _build(cursor, reader, built, say)
    # From here on others may have to wait for us: what locks is short, and gives up when it has to wait itself.
    _hold_off_migrations(cursor)
    cursor.execute("SET LOCAL lock_timeout = '20s'")
    _refuse_other_level(reader.manifest["migrations"], migrations(cursor, TEMPLATE_SCHEMA))
    kept = _merge(cursor, reader, staged, say)
    if added := trail.keep(cursor, schema, built):
        say(f"the trail goes on: {added} entries and seals since the archive was made are kept")
        _go_on_counting(cursor, built)
    _swap(cursor, schema, built)
    for statement in links:
        cursor.execute(statement)
    grants.make_role(cursor, schema, app_role())
    grants.grant_clinic(cursor, schema)
    return kept


def _hold_off_migrations(cursor: Any) -> None:
    """Asked again and again, not waited for: a migration that builds an index may itself be waiting for our transaction."""
    for _ in range(TRIES):
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone()[0]:
            return
        time.sleep(0.1)
    raise Migrating


def _refuse_other_schema(cursor: Any, schema: str) -> None:
    """The clinic's row says where its requests go: never into a schema that is not its own."""
    cursor.execute("SELECT schema_name FROM pg_temp.incoming_clinics_clinic")
    if cursor.fetchall() != [(schema,)]:
        raise Damaged("The archive's clinic names another schema than its own.")


def _build(cursor: Any, reader: Reader, built: str, say: Say) -> list[str]:
    """The clinic's schema under another name, loaded and proven. Answers the foreign keys to add once it has its own."""
    cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(built)))
    parts = cloning.parts(cursor, TEMPLATE_SCHEMA, built)
    cursor.execute(";".join(parts.tables))
    names = rows.tables_of(cursor, built)
    listed = {entry["table"] for entry in reader.manifest["members"] if entry["member"].startswith("clinic/")}
    if set(names) != listed:
        raise OtherLevel(f"The archive has other tables than this release: {sorted(set(names) ^ listed)[0]}.")
    for name in names:
        rows.copy_in(cursor, rows.describe(cursor, built, name), reader.blocks(member_of("clinic", name)))
    cursor.execute(";".join(parts.guards))
    for name in names:
        entry = reader.entry(member_of("clinic", name))
        prove(entry, rows.copy_out(cursor, rows.describe(cursor, built, name)), "the restored table")
        say(f"{entry['member']}: {entry['rows']} rows, proven")
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(built, name)))
    _go_on_counting(cursor, built)
    cursor.execute("SET LOCAL search_path = public")
    return [link.replace(f'"{built}".', f'"{built.removesuffix("_new")}".') for link in parts.links]


def _go_on_counting(cursor: Any, schema: str) -> None:
    """Numbers that the database gives go on after the last one given."""
    cursor.execute(IDENTITIES, [f'"{schema}"'])
    for table, column in cursor.fetchall():
        setting = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}")
        named = sql.Literal(f'"{schema}"."{table}"')
        cursor.execute(setting.format(named, sql.Literal(column), sql.Identifier(column), sql.Identifier(schema, table)))


def _merge(cursor: Any, reader: Reader, staged: list[Incoming], say: Say) -> int:
    kept = 0
    for each in staged:
        count = incoming.merge(cursor, each)
        incoming.prove_merged(cursor, reader, each)
        kept += count
        say(
            f"{member_of('public', each.place.table)}: "
            + (f"{count} rows are otherwise here, and stay so" if count else "proven")
        )
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return kept


def _swap(cursor: Any, schema: str, built: str) -> None:
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
    rename = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
    if cursor.fetchone():
        old = sql.Identifier(aside(schema))
        cursor.execute(rename.format(sql.Identifier(schema), old))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [schema])
        if cursor.fetchone():
            cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(old, sql.Identifier(schema)))
    cursor.execute(rename.format(sql.Identifier(built), sql.Identifier(schema)))
