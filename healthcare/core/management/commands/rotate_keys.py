"""Give keys successors and bring what they protect under them, while the product serves. Killed, the same command goes on."""

import time
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from healthcare.core.context import acting_as
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.keystore.apart import Still, retiring
from healthcare.core.keystore.events import KeysRotated
from healthcare.core.keystore.rotation import Order, parts, retire
from healthcare.core.tenancy import find_clinic, on_platform

RETIRABLE = {"platform": "platform", "clinic": "clinic", "patients": "patient", "signing": "platform_signing"}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        told = "; ".join(f"{name}: {(part.__doc__ or '').strip()}" for name, part in parts().items())
        parser.add_argument("part", nargs="+", choices=sorted(parts()), help=told)
        parser.add_argument("--clinic", help="slug or id; default: every clinic")
        parser.add_argument("--began", metavar="TIME", help="go on with a run: only keys made before this get a successor")
        parser.add_argument(
            "--retire", action="store_true", help="then destroy former generations: older backups turn unreadable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = find_clinic(options["clinic"]) if options["clinic"] else None
        if options["clinic"] and clinic is None:
            raise CommandError(f"there is no clinic {options['clinic']!r}")
        began = parse_datetime(options["began"]) if options["began"] else timezone.now()
        if began is None or timezone.is_naive(began):
            raise CommandError("--began is a time with its offset, as an earlier run told it")
        order = Order(began, clinic.id if clinic else None, lambda line: self.stdout.write(line))
        self.stdout.write(f"to go on after a kill: --began {began.isoformat()}")
        try:
            with retiring(order.clinic) if options["retire"] else nullcontext() as still:
                for name in options["part"]:
                    self._rotate(name, order, still)
        except Refused as refused:
            raise CommandError(refused.detail) from None

    def _rotate(self, name: str, order: Order, still: Still | None) -> None:
        """`still` is given where former keys are to be destroyed."""
        begun = time.monotonic()
        self.stdout.write(name)
        with acting_as(purpose="command:rotate_keys"):
            changed = parts()[name](order)
            gone = self._retire(name, order, still) if still and name in RETIRABLE else 0
            with on_platform(), transaction.atomic():
                publish(KeysRotated(part=name, changed=changed, retired=gone, clinic=order.clinic))
        self.stdout.write(f"  {changed} changes, {gone} former keys destroyed ({time.monotonic() - begun:.1f} s)")

    def _retire(self, name: str, order: Order, still: Still) -> int:
        still()
        return retire(order, RETIRABLE[name])
