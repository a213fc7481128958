"""Put one exported clinic back, proven before and after, while the others go on. All or nothing."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.archive.passphrases import passphrase_in
from clinics.services.restoring import check_archive, restore_clinic
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what clinic_export wrote")
        parser.add_argument("--check", action="store_true", help="prove signature and hashes, and change nothing")
        parser.add_argument("--replace", action="store_true", help="the clinic is there: put the archive in its place")
        parser.add_argument("--unreadable", action="store_true", help="also when its keys are gone; it comes back closed")
        parser.add_argument(
            "--with-keys", type=Path, metavar="PASSPHRASE_FILE", help="take the clinic's keys too, opened by this passphrase"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            passphrase = passphrase_in(options["with_keys"]) if options["with_keys"] else None
            self._check(options["file"], passphrase) if options["check"] else self._restore(passphrase, options)
        except Refused as refused:
            raise CommandError(refused.detail) from None

    def _check(self, path: Path, passphrase: str | None) -> None:
        manifest = check_archive(path=path, passphrase=passphrase)
        rows = sum(entry["rows"] for entry in manifest["members"])
        told = f"{manifest['clinic']['slug']} as of {manifest['made_at']}" if manifest["kind"] == "clinic" else "an audit trail"
        self.stdout.write(f"{path} is as it was written: {told}, {rows} rows in {len(manifest['members'])} files")

    def _restore(self, passphrase: str | None, options: dict[str, Any]) -> None:
        begun = time.monotonic()
        with acting_as(purpose="command:clinic_restore"):
            done = restore_clinic(
                path=options["file"],
                replace=options["replace"],
                unreadable=options["unreadable"],
                passphrase=passphrase,
                say=lambda line: self.stdout.write(f"  {line}"),
            )
        took = time.monotonic() - begun
        told = (
            f"{done.rows} rows in {done.tables} tables are back and proven, {done.kept} kept as they are now, {done.keys} keys"
        )
        self.stdout.write(f"{done.clinic_id}: {told} ({took:.2f} s)")
