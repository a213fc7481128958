"""Shows the job queues and how full they are."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from healthcare.core import job_table
from healthcare.core.queue_counts import QueueCounts, count

HEAD = f"{'queue':<24}{'group':<10}{'ready':>8}{'running':>9}{'done 5m':>9}{'a min':>7}{'dead':>7}  oldest"


class Command(BaseCommand):
    help = "Show each job queue: group, jobs ready, running, done (last 5 min) and dead, age of the oldest due."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--jobs", action="store_true", help="which jobs each queue carries, as a table in Markdown")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jobs"]:
            self.stdout.write("\n".join(job_table.lines()))
            return
        self.stdout.write(HEAD)
        for row in count():
            self.stdout.write(line(row))


def line(row: QueueCounts) -> str:
    numbers = f"{row.ready:>8}{row.running:>9}{row.done:>9}{row.per_minute:>7}{row.dead:>7}"
    return f"{row.queue.name:<24}{row.queue.group:<10}{numbers}  {age(row.oldest)}"


def age(oldest: dt.timedelta | None) -> str:
    """`-`, `42 s`, `17 min`, `5 h`, `3 d`."""
    if oldest is None:
        return "-"
    seconds = int(oldest.total_seconds())
    steps = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    size, unit = next((step for step in steps if seconds >= 2 * step[0]), (1, "s"))
    return f"{seconds // size} {unit}"
