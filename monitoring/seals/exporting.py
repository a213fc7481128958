"""How does a trail leave as a file, for an auditor or for the years? Entries and seals as CSV with a signed manifest.

Whole seals only, so that what is in the file is a part of the chain. Nothing is taken away by it: entries are never deleted.
"""

import datetime as dt
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import sql

from clinics.archive import rows, signing
from clinics.archive.bundle import reading, writing
from clinics.archive.incoming import member_of
from clinics.services.exporting import snapshot
from monitoring.seals.chains import Chain


class Exported(NamedTuple):
    entries: int
    seals: int
    sha256: str  # of the manifest


def export_trail(*, chain: Chain, path: Path, before: dt.datetime | None = None) -> Exported:
    """Write what was sealed (before that instant) to a new file and read it back. Raises AlreadyThere, Damaged."""
    until = sql.SQL("true") if before is None else sql.SQL("sealed_at < {}").format(sql.Literal(before))
    within = sql.SQL("number <= (SELECT coalesce(max(last), 0) FROM {} WHERE {})").format(chain.seal_table, until)
    clinic = {"id": str(chain.clinic.id), "slug": chain.clinic.slug} if chain.clinic else None
    facts: dict[str, Any] = {"kind": "trail", "chain": chain.name, "clinic": clinic}
    with writing(path) as writer, snapshot() as cursor:
        counts = []
        for table, where in ((chain.entry_name, within), (chain.seal_name, until)):
            described = rows.describe(cursor, chain.schema, table, where=where)
            name = member_of("trail", table)
            proof = writer.add(name, lambda put, t=described: rows.copy_out(cursor, t, put), table=table)  # type: ignore[misc]
            counts.append(proof.rows)
        digest = writer.finish(facts, {"installation": signing.installation_key()})
    with reading(path) as reader:
        reader.prove()
    return Exported(counts[0], counts[1], digest)
