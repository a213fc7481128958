"""Seed the demo: three clinics with people of every role, patients, two weeks of appointments and live queues.

Safe to run again: it adds what is missing and lets time pass in what it made, so the demo is always of today.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.roles import Role
from healthcare.demo.clinics import DEMO_CLINICS
from healthcare.demo.houses import NotOurs
from healthcare.demo.seeding import Size, seed


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patients", type=int, default=Size.patients, help="charts a clinic (default %(default)s, at most 999)"
        )
        parser.add_argument(
            "--days", type=int, default=Size.days, help="days of appointments back and ahead (default %(default)s)"
        )
        parser.add_argument("--really", action="store_true", help="also in production, where everybody knows the password")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production" and not options["really"]:
            raise CommandError("this is production: the demo's people have a password that everybody knows (--really does it)")
        if not (1 <= options["patients"] <= 999 and 0 <= options["days"] <= 30):
            raise CommandError("--patients is from 1 to 999, --days from 0 to 30")
        begun = self.last = time.monotonic()
        try:
            made = seed(Size(options["patients"], options["days"]), timezone.now(), self._say)
        except NotOurs as taken:
            raise CommandError(f"there is a clinic {taken} that is not the demo's; nothing is mixed into it") from None
        took = f"({time.monotonic() - begun:.1f} s)"
        self.stdout.write(f"the demo is ready {took}" if made else f"the demo is as it should be {took}")
        self._tell_logins()

    def _say(self, what: str, made: int) -> None:
        now = time.monotonic()
        if made:
            self.stdout.write(f"  {what}: {made} ({now - self.last:.1f} s)")
            self.stdout.flush()
        self.last = now

    def _tell_logins(self) -> None:
        for demo in DEMO_CLINICS:
            self.stdout.write(f"{demo.slug:<6} <role>@{demo.slug}.example  {demo.name}, {demo.zone}")
        self.stdout.write(f"roles  {', '.join(Role)}")
