"""Which work of the chart room is done by job? Indexing charts that are not in the name index yet, a batch a run."""

from healthcare.core.fields import warm
from healthcare.core.jobs import enqueue, job
from patients.models import Patient

BATCH = 500


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
