"""Bring the key store, the public schema, the template and every clinic's schema up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from clinics.services.schemas import bring_up_to_date


class Command(BaseCommand):
    help = __doc__ or ""
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        changed = bring_up_to_date(lambda line: self.stdout.write(f"  {line}"))
        self.stdout.write(f"{changed} schemas changed" if changed else "everything is up to date")
