"""Export one clinic to a new file: every row, with proofs, signed. Sealed columns stay ciphertext."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.archive.passphrases import passphrase_in
from clinics.models import Clinic
from clinics.services.exporting import export_clinic
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help="slug or id")
        parser.add_argument("file", type=Path, help="the tar file to write; never overwritten")
        parser.add_argument("--with-people", action="store_true", help="also the sealed rows of the people who are named")
        parser.add_argument(
            "--with-keys",
            type=Path,
            metavar="PASSPHRASE_FILE",
            help="also the clinic's keys, sealed under this passphrase, to move it to another installation",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            passphrase = passphrase_in(options["with_keys"]) if options["with_keys"] else None
            clinic = Clinic.objects.named(options["clinic"]).first()
            if clinic is None:
                raise CommandError(f"there is no clinic {options['clinic']!r}")
            with acting_as(purpose="command:clinic_export"):
                done = export_clinic(
                    clinic=clinic,
                    path=options["file"],
                    passphrase=passphrase,
                    with_people=options["with_people"],
                    say=lambda line: self.stdout.write(f"  {line}"),
                )
        except Refused as refused:
            raise CommandError(refused.detail) from None
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']}: {error.strerror}") from None
        took = time.monotonic() - begun
        self.stdout.write(f"{clinic.slug}: {done.rows} rows in {done.tables} files, manifest {done.sha256} ({took:.2f} s)")
