"""Write a trail and its seals to a new file, signed. Nothing is taken away: entries stay for good."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from healthcare.core.context import acting_as
from healthcare.core.errors import Refused
from healthcare.core.tenancy import on_platform
from monitoring.seals import chains
from monitoring.seals.exporting import export_trail
from monitoring.seals.sealing import seal
from monitoring.trail.entry import Action
from monitoring.trail.writing import record


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trail", help="a clinic's slug or id, or `platform`")
        parser.add_argument("file", type=Path, help="the tar file to write; never overwritten")
        parser.add_argument("--older-than", type=int, metavar="YEARS", help="only what was sealed so many years ago")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        chain = chains.named(options["trail"])
        if chain is None:
            raise CommandError(f"there is no clinic {options['trail']!r}")
        try:
            with acting_as(purpose="command:audit_export"):
                seal(chain)
                done = export_trail(chain=chain, path=options["file"], before=_before(options["older_than"]))
                with on_platform():
                    clinic_id = chain.clinic.id if chain.clinic else None
                    record(Action.EXPORT, "monitoring.platformauditentry", chain.name, clinic_id=clinic_id)
        except Refused as refused:
            raise CommandError(refused.detail) from None
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']}: {error.strerror}") from None
        took = time.monotonic() - begun
        self.stdout.write(f"{chain.name}: {done.entries} entries, {done.seals} seals, manifest {done.sha256} ({took:.2f} s)")


def _before(years: int | None) -> datetime | None:
    return None if years is None else timezone.now() - timedelta(days=365.25 * years)
