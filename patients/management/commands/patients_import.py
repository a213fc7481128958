"""Bring charts in from elsewhere: `manage.py patients_import north charts.csv`, then again with `--really`.

Dry first: the report says what would become of each row. A killed run is begun again with the same line and goes on where it
was; nothing comes twice. Exit code 1 where a file can't be read, or a dry run found rows that would be refused.
"""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.membership import Member
from accounts.models import User
from accounts.roles import Role
from healthcare.core.errors import Refused
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from patients.importing import running
from patients.models import ImportedRow, ImportRun


class Command(BaseCommand):
    help = "Import patients from CSV files or FHIR R4 bundles; dry unless --really."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help="slug or id")
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--format", choices=["csv", "fhir"], help="else by the file's name: .csv, .json")
        parser.add_argument("--really", action="store_true", help="make it so, after the dry run")
        parser.add_argument("--by", required=True, help="who imports: the email or phone number of an account")
        parser.add_argument("--faults", type=int, default=20, help="refused rows to print (20)")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = find_clinic(options["clinic"])
        if clinic is None:
            raise CommandError("there is no such open clinic")
        with on_platform():
            person = User.objects.with_identifier(options["by"]).first()
        if person is None:
            raise CommandError("--by names nobody")
        refused = 0
        with in_clinic(clinic):
            by = Member(person.pk, clinic.id, frozenset({Role.CLINIC_ADMIN}))
            for file in options["files"]:
                refused += self._one(file, by, options)
        if refused and not options["really"]:
            raise CommandError(f"{refused} rows would not be taken")

    def _one(self, file: Path, by: Member, options: Any) -> int:
        form = options["format"] or {".csv": "csv", ".json": "fhir"}.get(file.suffix.lower(), "")
        if not form or not file.is_file():
            raise CommandError(f"{file}: not there, or say which --format it has")
        content = file.read_bytes()
        try:
            run = self._through(running.start(form=form, content=content, is_dry=True, by=by), file.name, "dry run")
            if options["really"]:
                run = self._through(running.start(form=form, content=content, is_dry=False, by=by), file.name, "import")
        except Refused as no:
            raise CommandError(f"{file.name}: {no.detail}") from None
        lines = ImportedRow.objects.filter(run=run, outcome__in=("refused", "duplicate")).order_by("number")
        for line in lines[: options["faults"]]:
            told = ", ".join(f"{fault['field']} {fault['code']}".strip() for fault in line.faults)
            self.stdout.write(f"  row {line.number} {line.what}: {line.outcome}: {told}")
        return int(lines.count())

    def _through(self, run: ImportRun, name: str, what: str) -> ImportRun:
        while run.state not in running.DONE:
            run = running.go_on(run=run, now=timezone.now(), batches=5)
            self.stdout.write(f"{name}: {what} {run.cursor}/{run.total}")
            self.stdout.flush()
        self.stdout.write(f"{name}: {what} " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(run.counts.items())))
        return run
