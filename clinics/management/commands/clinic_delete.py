"""End a clinic, in two steps: close it; then, with the code that closing printed, archive its trail and erase the rest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinics.models import Clinic
from clinics.services.ending import close_clinic, end_clinic
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help="slug or id")
        parser.add_argument("--confirm", metavar="CODE", help="what the first step printed: erases the clinic for good")
        parser.add_argument("--archive-to", type=Path, metavar="FOLDER", help="where the audit trail's file goes, to be kept")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = Clinic.objects.named(options["clinic"]).first()
        if clinic is None:
            raise CommandError(f"there is no clinic {options['clinic']!r}")
        if options["confirm"] and not options["archive_to"]:
            raise CommandError("say with --archive-to where the audit trail goes; it has to be kept for years")
        try:
            with acting_as(purpose="command:clinic_delete"):
                self._end(clinic, options) if options["confirm"] else self._close(clinic)
        except Refused as refused:
            raise CommandError(refused.detail) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def _close(self, clinic: Clinic) -> None:
        code = close_clinic(clinic=clinic)
        self.stdout.write(f"{clinic.slug} is closed; nothing is erased yet. To erase it for good, export and backups included:")
        self.stdout.write(f"  clinic_delete {clinic.slug} --confirm {code} --archive-to FOLDER")

    def _end(self, clinic: Clinic, options: dict[str, Any]) -> None:
        end_clinic(
            clinic=clinic,
            code=options["confirm"],
            folder=options["archive_to"],
            now=timezone.now(),
            say=lambda line: self.stdout.write(f"  {line}"),
        )
        self.stdout.write(f"{clinic.slug} has ended; keep the audit file")
