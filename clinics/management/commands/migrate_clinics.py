"""Bring the key store, public, the template and every clinic's schema up to date, while the product serves."""

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.migrating import report
from clinics.services.migrating import BreaksRunningCode, bring_up_to_date
from healthcare.core.errors import Refused

LONGEST_REASON = 120


class Command(BaseCommand):
    help = __doc__ or ""
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one for each core")
        parser.add_argument("--canary", default=settings.CANARY_CLINIC, help="slug of the clinic to go first (CANARY_CLINIC)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there too")
        parser.add_argument(
            "--allow",
            nargs=2,
            action="append",
            default=[],
            metavar=("MIGRATION", "REASON"),
            help='let a migration break running code, e.g. --allow patients.0007 "not read since 1.4"; it goes on record',
        )
        parser.add_argument("--stopped", action="store_true", help="nothing serves, so nothing can break (it is looked at)")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            outcomes = bring_up_to_date(
                say=self._say,
                processes=max(1, options["processes"]),
                canary=options["canary"],
                allowed=reasoned(options["allow"]),
                stopped=options["stopped"],
            )
        except BreaksRunningCode as refused:
            told = [f"  {danger.migration}  {danger.operation}: {danger.why}" for danger in refused.dangers]
            how = 'allow with --allow MIGRATION "REASON". Nothing was changed.'
            raise CommandError("\n".join(["refused:", *told, f"{refused.detail} {how}"])) from None
        except Refused as refused:
            raise CommandError(refused.detail) from None
        self._report(outcomes, time.monotonic() - begun, options["json"])

    def _report(self, outcomes: list[report.Outcome], seconds: float, file: Path | None) -> None:
        if file is not None:
            report.write(file, outcomes, seconds)
        if outcomes:
            self._say("\n".join(report.table(outcomes)))
        whole = f"{report.summary(outcomes)} ({seconds:.2f} s)"
        if not all(outcome.good for outcome in outcomes):
            raise CommandError(whole)
        self._say(whole)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def reasoned(pairs: list[list[str]]) -> dict[str, str]:
    """Migration → reason. Raises CommandError for a reason that says nothing or does not fit the audit."""
    for migration, reason in pairs:
        if not 10 <= len(reason.strip()) <= LONGEST_REASON:
            raise CommandError(f"{migration}: a reason has 10 to {LONGEST_REASON} characters")
    return {migration: reason.strip() for migration, reason in pairs}
