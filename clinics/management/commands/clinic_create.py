"""Open a clinic: its row, schema, database role and keys."""

import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics.models import SLUG, is_zone
from clinics.services.opening import open_clinic, order_clinic
from healthcare.core.errors import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name in addresses and headers, e.g. north")
        parser.add_argument("name", help="name as people read it")
        parser.add_argument("--zone", default="UTC", help="IANA time zone, e.g. Asia/Kolkata")
        parser.add_argument("--currency", default="USD", help="ISO 4217 code")
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        if not SLUG.match(options["slug"]):
            raise CommandError("the slug has lower-case letters, digits and inner hyphens only")
        try:
            is_zone(options["zone"])
            terms = {key: options[key] for key in ("zone", "currency", "language")}
            clinic = open_clinic(order_clinic(slug=options["slug"], name=options["name"], **terms))
        except (Refused, ValidationError) as error:
            raise CommandError(getattr(error, "detail", None) or "not a time zone") from None
        self.stdout.write(f"{clinic.slug} is open ({time.monotonic() - begun:.2f} s)")
