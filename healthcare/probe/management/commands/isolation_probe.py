"""Try every operation, socket, job and admin page with another clinic's ids, as every role; print the matrix.

Opens throw-away clinics, fills them, calls in process, takes back what each call wrote, and ends the clinics. Exits 1 on a
leak, on a changed table, or on an operation that has no row in the probe's tables.
"""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from healthcare.probe import clinics, report
from healthcare.probe.probing import Probe, Result, Trial, sampled
from healthcare.probe.world import world

EVERY = 1000  # cells between two lines of progress


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every cell there")
        parser.add_argument("--sample", type=float, nargs="?", const=5.0, metavar="PERCENT", help="a part of the matrix (5 %%)")
        parser.add_argument("--seed", type=int, default=1, help="which part (default %(default)s)")
        parser.add_argument("--only", default="", metavar="TEXT", help="operations whose name contains this")
        parser.add_argument("--really", action="store_true", help="also in production: it opens and ends clinics there")

    def handle(self, *args: Any, **options: Any) -> None:
        if str(settings.ENVIRONMENT) == "production" and not options["really"]:
            raise CommandError("this is production: the probe opens and ends clinics here (--really does it)")
        if left := clinics.left_over():
            self.stderr.write(f"left by an interrupted run, to be deleted by hand: {', '.join(left)}")
        self._begun = time.monotonic()
        with world(self._say) as made:
            result = self._run(Probe(made), options)
        for line in report.lines(result):
            self.stdout.write(line)
        if options["json"]:
            options["json"].write_text(json.dumps(report.as_json(result)))
        if not result.is_tight:
            raise CommandError("the walls leak, or something was not tried; see above")

    def _run(self, probe: Probe, options: dict[str, Any]) -> Result:
        luck = sampled(options["sample"] or 100.0, options["seed"])
        told = [EVERY]

        def wanted(trial: Trial) -> bool:
            return options["only"] in trial.operation and luck(trial)

        def say(cells: int) -> None:
            if cells >= told[0]:
                self._say(f"{cells} cells")
                told[0] += EVERY

        return probe.run(wanted, say)

    def _say(self, line: str) -> None:
        self.stdout.write(f"{time.monotonic() - self._begun:7.1f} s  {line}")
        self.stdout.flush()
