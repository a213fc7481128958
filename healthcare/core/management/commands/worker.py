"""Works the job queues of one group, or of all: what compose and development start."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from healthcare.core.job_queues import GROUPS, concurrency, names
from healthcare.core.postgresql import pooler


def arguments(group: str | None) -> list[str]:
    """Celery's command line for a group: queues and concurrency as the table of job queues says, in threads.

    Gossip, mingling and Celery's own heartbeats are off: what workers do is measured by their work.
    """
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        "worker",
        "--pool=threads",
        f"--concurrency={concurrency(group)}",
        f"--queues={','.join(names(group))}",
        f"--hostname={group or 'all'}@%h",
        "--loglevel=WARNING",
        *quiet,
    ]


class Command(BaseCommand):
    help = "Work the job queues of one group (or all of them). Runs until SIGTERM, which lets running jobs end."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--group", choices=GROUPS, help="only the queues of this worker group")

    def handle(self, *args: Any, **options: Any) -> None:
        from celery import current_app, signals

        from healthcare.core import jobs
        from healthcare.core.without_broker import Looking

        pooler.at_start()
        signals.worker_shutting_down.connect(lambda **_: jobs.begin_no_more(), weak=False)
        looking = Looking(names(options["group"])).start()
        try:
            sys.exit(current_app.worker_main(arguments(options["group"])))
        finally:
            looking.end()
