"""How does a run go on, stop and go on again? In batches: what a batch made, its report and the checkpoint commit together.

A killed run leaves whole batches; the next worker begins behind the last one. A thing is made once whatever happens: its key is
unique among what was imported, and two workers wait for each other on the run's row.
"""

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import ValidationError

from accounts.membership import Member
from accounts.roles import Role
from healthcare.core import crypto
from healthcare.core.crypto import clinic_scope
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.ids import new_id
from healthcare.core.keystore import keys
from healthcare.core.tenancy import current_clinic
from patients.events import ImportFinished
from patients.importing.kinds import KINDS, Fault
from patients.importing.source import Row, Source, SourceUnreadable, read
from patients.models import ImportedRow, ImportedThing, ImportRun
from patients.services import files

BATCH = 100  # rows in one transaction
DONE = (ImportRun.State.DONE, ImportRun.State.FAILED)


class NotTried(Refused):
    code = "dry_run_first"
    detail = "Run it dry first: the report says what would become of each row."


class BegunElsewhere(Refused):
    code = "import_begun"
    detail = "Somebody began this import at the same moment."


class Unreadable(Refused):
    code = "source_unreadable"
    detail = "This is no CSV with a header, or no FHIR R4 bundle."


def start(*, form: str, content: bytes, is_dry: bool, by: Member) -> ImportRun:
    """Begin a run over a source, or find the one there is. Raises Unreadable, NotTried."""
    try:
        source = read(form, content)
    except SourceUnreadable as error:
        raise Unreadable(f"The file can't be read: {error.code}.") from None
    digest = _digest(content)
    runs = ImportRun.objects.filter(source=digest)
    if not is_dry and not runs.filter(is_dry=True, state=ImportRun.State.DONE).exists():
        raise NotTried
    if (there := runs.filter(is_dry=is_dry).first()) is not None:
        return there
    run = ImportRun(format=form, source=digest, is_dry=is_dry, total=len(source.rows), started_by=by.user_id)
    with transaction.atomic():
        with refusing("import_run_once", BegunElsewhere):
            run.save(force_insert=True)
        files.keep_source(run.pk, content)
    return run


def go_on(*, run: ImportRun, now: dt.datetime, batches: int = 0) -> ImportRun:
    """Work on from the checkpoint, for so many batches, or (0) to the end. It may be called again at any time."""
    if run.state in DONE:
        return run
    source = read(run.format, files.read_source(run.pk))
    done = 0
    while run.state not in DONE and (not batches or done < batches):
        run = _batch(run.pk, source, now)
        done += 1
    if run.state in DONE:
        files.remove_source(run.pk)
    return run


@transaction.atomic
def _batch(run_id: UUID, source: Source, now: dt.datetime) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state in DONE:
        return run
    rows = source.rows[run.cursor : run.cursor + BATCH]
    batch = Batch(run, source)
    outcomes = [batch.take(row) for row in rows]
    ImportedRow.objects.bulk_create(outcomes)
    run.counts = dict(Counter(run.counts) + Counter(one.outcome for one in outcomes))
    run.cursor += len(rows)
    run.state = ImportRun.State.DONE if run.cursor >= run.total else ImportRun.State.RUNNING
    if run.state == ImportRun.State.DONE:
        run.finished_at = now
        publish(ImportFinished(run_id=run.pk))
    run.save()
    return run


class Batch:
    """What readers may ask (`kinds.Known`), and what becomes of each row."""

    def __init__(self, run: ImportRun, source: Source) -> None:
        self.run, self.source, self.form = run, source, run.format
        self.by = Member(run.started_by, current_clinic().id, frozenset({Role.CLINIC_ADMIN}))  # type: ignore[arg-type]
        self.secret = keys.index_secret(clinic_scope(current_clinic().id))
        self.kinds = {row.key: row.what for row in source.rows}
        self.told: set[str] = set()

    def find(self, what: str, reference: Any, field: str) -> UUID:
        if not isinstance(reference, str) or len(reference) > 500:
            raise Fault(field, "required")
        key = self.source.key_of(reference)
        thing = ImportedThing.objects.filter(key=self._key(what, key)).first()
        if thing is not None:
            return thing.made_id
        if self.run.is_dry and self.kinds.get(key) == what:
            return new_id()
        raise Fault(field, "unknown_reference")

    def leads_to(self, reference: str) -> str:
        return self.kinds.get(self.source.key_of(reference), "")

    def take(self, row: Row) -> ImportedRow:
        line = ImportedRow(run=self.run, number=row.number, what=row.what)
        try:
            line.outcome, line.made_id = self._taken(row)
        except Fault as fault:
            line.outcome, line.faults = "refused", [{"field": fault.field, "code": fault.code}]
        except ValidationError:
            line.outcome, line.faults = "refused", [{"field": "", "code": "invalid"}]
        except Refused as refused:
            is_twin = refused.code == "likely_duplicate"
            line.outcome = "duplicate" if is_twin else "refused"
            line.faults = [{"field": "", "code": reason.code} for reason in refused.reasons]
        return line

    def _taken(self, row: Row) -> tuple[str, UUID | None]:
        kind = KINDS.get(row.what)
        if kind is None:
            raise Fault("resourceType", "unsupported_resource")
        key = self._key(row.what, row.key)
        there = ImportedThing.objects.filter(key=key).first()
        if there is not None or row.key in self.told:
            return "there", there.made_id if there else None
        make = kind.read(row, self)
        if self.run.is_dry:
            self.told.add(row.key)
            return "would_make", None
        with transaction.atomic():
            made = make()
            ImportedThing(key=key, what=row.what, made_id=made).save(force_insert=True)
        return "made", made

    def _key(self, what: str, key: str) -> bytes:
        return crypto.blind(f"{what}|{key}", self.secret, "import.key")


def _digest(content: bytes) -> bytes:
    secret = keys.index_secret(clinic_scope(current_clinic().id))
    return crypto.blind(content.hex(), secret, "import.source")
