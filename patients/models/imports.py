"""What came in from elsewhere? A run over one source, what became of each row, and which things are here already."""

from django.db import models
from django.utils import timezone

from healthcare.core.tenancy import ClinicRow


class ImportRun(ClinicRow):
    """The source lies sealed in the clinic's folder until the run is over. `cursor`: rows done, the checkpoint."""

    class Format(models.TextChoices):
        CSV = "csv"
        FHIR = "fhir"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    format = models.CharField(max_length=4, choices=Format.choices)
    source = models.BinaryField()  # keyed digest of the file
    is_dry = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    counts: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)  # outcome -> rows
    started_by = models.UUIDField(null=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "is_dry"], name="import_run_once")]

    def __str__(self) -> str:
        return str(self.pk)


class ImportedRow(ClinicRow):
    """The report: one line a row of the source. Codes and field names only, never a value."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()  # from 1
    what = models.CharField(max_length=40)  # "Patient", "Observation" …
    outcome = models.CharField(max_length=12)  # made, there, refused, duplicate
    faults: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField(default=list)  # [{field, code}]
    made_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="imported_row_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.number}"


class ImportedThing(ClinicRow):
    """What a foreign id (or row) became here: whatever comes twice is found, not made again."""

    key = models.BinaryField()  # keyed digest of source system, kind and foreign id
    what = models.CharField(max_length=40)
    made_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="imported_thing_once")]

    def __str__(self) -> str:
        return self.what
