"""How does one clinic leave as a file? All rows as of one moment, sealed columns and files as ciphertext, with proofs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinics.archive import keys, places, rows, signing, stored
from clinics.archive.bundle import Writer, writing
from clinics.archive.incoming import member_of
from clinics.archive.places import PERSON, PLACES, PUBLIC
from clinics.archive.rows import Proof, Table
from clinics.events import ClinicExported
from clinics.models import Clinic
from clinics.services.schemas import OWNER, owner_cursor
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform

Say = Callable[[str], None]


class NothingThere(Refused):
    code = "clinic_schema_missing"
    detail = "The clinic has no schema: it is not open yet, or it has ended."


class Exported(NamedTuple):
    tables: int
    rows: int
    sha256: str  # of the manifest


def export_clinic(
    *,
    clinic: Clinic,
    path: Path,
    by: UUID | None = None,
    passphrase: str | None = None,
    with_people: bool = False,
    say: Say = print,
) -> Exported:
    """Write the clinic to a new file, which appears when it is whole. With a passphrase, its keys too.

    Raises AlreadyThere, NothingThere.
    """
    terms = signing.new_terms() if passphrase else None
    secret = signing.from_passphrase(passphrase, terms) if passphrase and terms else None
    with writing(path) as writer, snapshot() as cursor:
        facts = {**_facts(cursor, clinic), "passphrase": terms, "people": "sealed rows" if with_people else "ids"}
        for member, table in selected(cursor, clinic, with_people=with_people):
            _add(writer, cursor, member, table, say)
        if files := stored.add_all(writer, clinic.schema_name):  # after the rows: each has its file by then
            say(f"{stored.FOLDER}: {files} files")
        if secret:  # last: a rotation may have sealed a file under a key that was not there when this began
            proof = writer.add(keys.MEMBER, lambda put: keys.write(clinic.id, secret, put))
            say(f"{keys.MEMBER}: {proof.rows} keys")
        signed_by = {"installation": signing.installation_key()}
        if secret:
            signed_by["passphrase"] = signing.derived(secret, "manifest")
        digest = writer.finish(facts, signed_by)
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        publish(ClinicExported(clinic_id=clinic.id))
    parts = [entry for entry in writer.members if not stored.is_file(entry["member"])]
    return Exported(len(parts), sum(entry["rows"] for entry in parts), digest)


@contextmanager
def snapshot() -> Iterator[Any]:
    """A cursor of the owner that sees all tables as they are at one moment, and can't change them."""
    with owner_cursor() as cursor, transaction.atomic(using=OWNER):
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(rows.FIXED)
        yield cursor


def selected(cursor: Any, clinic: Clinic, *, with_people: bool) -> Iterator[tuple[str, Table]]:
    """Every part of a clinic: the name of its file and the rows it holds."""
    for place in PLACES:
        where = places.of_clinic(place, clinic.id)
        yield member_of(PUBLIC, place.table), rows.describe(cursor, PUBLIC, place.table, without=place.without, where=where)
    named = places.of_people(cursor, clinic.schema_name, clinic.id)
    people = rows.describe(cursor, PUBLIC, PERSON.table, without=PERSON.without, where=named)
    yield member_of(PUBLIC, PERSON.table), people if with_people else Table(PUBLIC, PERSON.table, ("id",), people.order, named)
    for name in rows.tables_of(cursor, clinic.schema_name):
        yield member_of("clinic", name), rows.describe(cursor, clinic.schema_name, name)


def migrations(cursor: Any, schema: str) -> list[str]:
    """What was applied to a schema: its level."""
    cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')  # noqa: S608 (a schema's own name)
    return sorted(f"{app}.{name}" for app, name in cursor.fetchall())


def _facts(cursor: Any, clinic: Clinic) -> dict[str, Any]:
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [clinic.schema_name])
    if cursor.fetchone() is None:
        raise NothingThere
    cursor.execute("SHOW server_version")
    return {
        "clinic": {"id": str(clinic.id), "slug": clinic.slug, "schema": clinic.schema_name},
        "made_at": timezone.now().isoformat(),  # a restore compares it with when keys were made
        "postgresql": cursor.fetchone()[0],
        "migrations": migrations(cursor, clinic.schema_name),
        "kind": "clinic",
    }


def _add(writer: Writer, cursor: Any, member: str, table: Table, say: Say) -> Proof:
    columns = list(table.columns)
    proof = writer.add(member, lambda put: rows.copy_out(cursor, table, put), table=table.name, columns=columns)
    say(f"{member}: {proof.rows} rows")
    return proof
