"""How does a clinic end? In two steps: it is closed; then, with the code that closing gave, archived, erased and gone.

What was sealed is erased by destroying its keys, in every backup and export too. What stays: the tombstone, and the file with
its audit trail, which has to be kept for years.
"""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from clinics import grants
from clinics.archive import places, rows, signing
from clinics.archive.bundle import reading, writing
from clinics.archive.incoming import member_of
from clinics.archive.places import PLACES, PUBLIC
from clinics.events import ClinicClosed, ClinicEnded
from clinics.models import Clinic, Domain, Tombstone
from clinics.services.exporting import Say, snapshot
from clinics.services.removing import drop_schema
from clinics.services.restoring import aside
from clinics.services.schemas import owner_cursor
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.keystore import keys
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

TRAIL, SEALS = "audit_entry", "audit_seal"  # the clinic's own; the platform's entries about it, and its events, go with it
ABOUT = ("platform_audit_entry", "event")


class NotClosed(Refused):
    code = "clinic_not_closed"
    detail = "The clinic is not closed; close it first."


class WrongCode(Refused):
    code = "wrong_confirmation"
    detail = "This is not the code that closing the clinic gave; it changes with every change of the clinic."


class EndedAlready(Refused):
    code = "clinic_ended"
    detail = "This clinic has ended already."


def close_clinic(*, clinic: Clinic, by: UUID | None = None) -> str:
    """Serve nobody there any more. Answers the code that `end_clinic` wants; closing twice answers the same.

    Raises EndedAlready.
    """
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        locked = held(clinic)
        if locked.state != Clinic.State.CLOSED:
            locked.state = Clinic.State.CLOSED
            locked.save(update_fields=["state"])
            publish(ClinicClosed(clinic_id=locked.id))
    return confirmation(locked)


def confirmation(clinic: Clinic) -> str:
    """Proves that somebody read what closing said, about this clinic as it is now."""
    said = f"{clinic.id}|{clinic.version}|{clinic.state}".encode()
    digest = hmac.new(signing.installation_key("end"), said, hashlib.sha256).digest()
    return base64.b32encode(digest)[:8].decode()


def end_clinic(
    *, clinic: Clinic, code: str, folder: Path, now: dt.datetime, by: UUID | None = None, say: Say = print
) -> Tombstone:
    """Archive the trail, destroy the keys, drop schema and role, leave a tombstone. Killed on the way, it is run again.

    Raises NotClosed, WrongCode, EndedAlready, AlreadyThere, Overloaded.
    """
    locked = _confirmed(clinic, code)
    tombstone = _begun(locked, folder, now, by)
    say(f"{tombstone.audit_file}: {tombstone.audit_rows} entries of the trail, SHA-256 {tombstone.audit_sha256}")
    destroyed = keys.destroy_clinic(locked.id)
    say(f"{destroyed} keys destroyed")
    for schema in (aside(locked.schema_name), locked.schema_name):
        drop_schema(schema)
    with owner_cursor() as cursor:
        grants.drop_role(cursor, locked.schema_name)
    say("schema and role dropped")
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        _bury(tombstone, destroyed, now)
    return tombstone


def _confirmed(clinic: Clinic, code: str) -> Clinic:
    with on_platform(), transaction.atomic():
        locked = held(clinic)
    if locked.state != Clinic.State.CLOSED:
        raise NotClosed
    if not hmac.compare_digest(confirmation(locked).encode(), code.strip().upper().encode()):
        raise WrongCode
    return locked


def _begun(clinic: Clinic, folder: Path, now: dt.datetime, by: UUID | None) -> Tombstone:
    """Nothing is destroyed before the trail lies in a file that was read back, and the database knows which."""
    with on_platform():
        if (known := Tombstone.objects.filter(clinic=clinic).first()) is not None:
            return known
    path = folder / f"{clinic.slug}-{now:%Y%m%dT%H%M%SZ}-audit.tar"
    digest, count = archive_trail(clinic=clinic, path=path)
    row = Tombstone(clinic=clinic, begun_at=now, by=by, audit_file=path.name, audit_sha256=digest, audit_rows=count)
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        row.save(force_insert=True)
    return row


def archive_trail(*, clinic: Clinic, path: Path) -> tuple[str, int]:
    """Write the clinic's trail to a signed file and read it back. Answers the file's SHA-256 and its number of entries."""
    with writing(path) as writer, snapshot() as cursor:
        for member, table in _trail(cursor, clinic):
            writer.add(member, _filled(cursor, table), table=table.name, columns=list(table.columns))
        facts: dict[str, Any] = {"kind": "audit", "clinic": {"id": str(clinic.id), "slug": clinic.slug}}
        writer.finish(facts, {"installation": signing.installation_key()})
    with reading(path) as reader:
        members = reader.prove()["members"]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest, sum(entry["rows"] for entry in members if entry["table"] == TRAIL)


def _trail(cursor: Any, clinic: Clinic) -> list[tuple[str, rows.Table]]:
    about = [place for place in PLACES if place.table in ABOUT]
    return [
        *((member_of("clinic", name), rows.describe(cursor, clinic.schema_name, name)) for name in (TRAIL, SEALS)),
        *(
            (member_of(PUBLIC, p.table), rows.describe(cursor, PUBLIC, p.table, where=places.of_clinic(p, clinic.id)))
            for p in about
        ),
    ]


def _filled(cursor: Any, table: rows.Table) -> Callable[[Callable[[bytes], object]], rows.Proof]:
    return lambda put: rows.copy_out(cursor, table, put)


def held(clinic: Clinic) -> Clinic:
    """The row, held. Raises EndedAlready."""
    row = Clinic.objects.select_for_update().get(pk=clinic.pk)
    if Tombstone.objects.filter(clinic=row).exclude(ended_at=None).exists():
        raise EndedAlready
    return row


def _bury(tombstone: Tombstone, destroyed: int, now: dt.datetime) -> None:
    for host in Domain.objects.filter(tenant=tombstone.clinic):
        host.delete()
    owed = Job.objects.filter(clinic_id=tombstone.clinic_id, state__in=(Job.State.READY, Job.State.RUNNING))
    owed.update(state=Job.State.CANCELLED)
    tombstone.ended_at, tombstone.keys_destroyed = now, tombstone.keys_destroyed + destroyed
    tombstone.save(update_fields=["ended_at", "keys_destroyed"])
    publish(ClinicEnded(clinic_id=tombstone.clinic_id))
