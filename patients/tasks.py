"""Which work of the chart room is done by job? The name index, keys of erased charts, imports."""

from uuid import UUID

from django.utils import timezone

from healthcare.core.fields import warm
from healthcare.core.jobs import enqueue, job
from patients.importing import charts as _charts  # noqa: F401  (its readers register themselves)
from patients.importing import running
from patients.models import Erasure, ImportRun, Patient
from patients.services import erasing

BATCH = 500
BATCHES = 5  # of an import, in one job: well within its time limit


@job("patients.index_charts", queue="patient-preference")
def index_charts() -> None:
    """The oldest first; owes the next batch until none is left. A chart whose key is gone stays out of the index."""
    rows = list(Patient.objects.living().filter(name_index=None).order_by("id")[:BATCH])
    warm(rows)
    for row in rows:
        scope = row.index_scope()
        columns = {f.name: f for f in Patient._meta.get_fields() if f.name in ("name_index", "birth_index")}
        Patient.objects.filter(pk=row.pk, name_index=None).update(
            name_index=columns["name_index"].digests(Patient, (row.first_name, row.last_name), scope),  # type: ignore[union-attr]
            birth_index=columns["birth_index"].digest(Patient, row.date_of_birth, scope),  # type: ignore[union-attr]
        )
    if len(rows) == BATCH:
        enqueue("patients.index_charts", key=f"patients.index_charts:{rows[-1].pk}")


@job("patients.destroy_key", queue="patient-preference")
def destroy_key(*, erasure_id: str) -> None:
    """The end of an erasure; a second time it finds nothing left."""
    erasure = Erasure.objects.select_related("patient").get(pk=UUID(erasure_id))
    erasing.destroy_keys(erasure=erasure, now=timezone.now())


@job("patients.erase_again", queue="patient-preference")
def erase_again() -> None:
    """After a backup came back: charts erased since it was made are in it once more, without their key."""
    erasing.erase_again(now=timezone.now())


@job("patients.import", queue="patient-preference")
def import_rows(*, run_id: str) -> None:
    """Some batches of an import; owes the next ones until it is through."""
    run = running.go_on(run=ImportRun.objects.get(pk=UUID(run_id)), now=timezone.now(), batches=BATCHES)
    if run.state not in running.DONE:
        enqueue("patients.import", key=f"patients.import:{run.pk}:{run.cursor}", run_id=run.pk)
