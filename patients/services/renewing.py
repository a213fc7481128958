"""How do a clinic's files come under new keys? One by one, each while its row is held, readers going on as they were.

A file names its generation, and a rename puts the new one in its place: whoever is killed leaves the former or the new one, and
beside it at most a part, which is swept. Nobody writes down how far it came: the next run looks at the files.
"""

from collections.abc import Callable

from django.db import transaction

from clinics.archive import stored
from healthcare.core.crypto import patient_scope
from healthcare.core.keystore import keys
from healthcare.core.keystore.rotation import Order, reseals
from healthcare.core.resealing import clinics_of
from healthcare.core.tenancy import current_clinic
from patients.importing.running import DONE
from patients.models import Document, ImportRun
from patients.services import files
from patients.services.documents import sealed_under

BATCH = 200


@reseals
def renew_files(kind: str, order: Order) -> int:
    """Documents, with their charts' keys; what waits to be imported, with the clinic's."""
    renew = {"patient": renew_documents, "clinic": renew_sources}.get(kind)
    return sum(renew(order.say) for _ in clinics_of(order.clinic)) if renew else 0


def renew_documents(say: Callable[[str], None]) -> int:
    """The present clinic's. Tells how far it is after each batch that had any. Answers how many."""
    clinic, seen, done, last = current_clinic(), 0, 0, None
    stored.sweep(clinic.schema_name)
    rows = Document._base_manager.order_by("pk")
    total = rows.count()
    while batch := list((rows.filter(pk__gt=last) if last else rows).only("pk", "patient_id", "sealed_for")[:BATCH]):
        keys.warm(patient_scope(clinic.id, sealed_under(row)) for row in batch)
        renewed = sum(_renewed(row) for row in batch)
        seen, done, last = seen + len(batch), done + renewed, batch[-1].pk
        if renewed:
            say(f"  {clinic.slug}: {seen} of {total} documents, {done} sealed anew")
    return done


def renew_sources(say: Callable[[str], None]) -> int:
    """The present clinic's imports that are not over. Answers how many."""
    done = 0
    for run in ImportRun._base_manager.exclude(state__in=DONE).values_list("pk", flat=True):
        with transaction.atomic():
            held = ImportRun._base_manager.select_for_update(no_key=True).exclude(state__in=DONE).filter(pk=run).exists()
            done += held and files.renew_source(run)
    if done:
        say(f"  {current_clinic().slug}: {done} files to be imported sealed anew")
    return done


def _renewed(row: Document) -> bool:
    """Held while it is done: an erasure deletes the row first, and its files after that."""
    if not files.is_old(chart=sealed_under(row), document=row.pk):
        return False
    with transaction.atomic():
        held = Document._base_manager.select_for_update(no_key=True, of=("self",)).filter(pk=row.pk).first()
        return held is not None and files.renew(chart=sealed_under(held), document=held.pk)
