"""Moves the work on by the clock until it is told to end; several may run, nothing is doubled."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from healthcare.core.ticking import Ticker

TABLE = "healthcare.schedule.PERIODIC"  # by path: the frame imports nothing above it


class Command(BaseCommand):
    help = "Owe periodic jobs and tell workers of jobs that are due. Runs until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("ticker: started")
        Ticker(import_string(TABLE), stop).run()
        self.stdout.write("ticker: ended")
