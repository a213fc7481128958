"""Why is there no `migrate` here? It would change one schema of many, with a role that may not: migrate_clinics does it all."""

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.autodetector import MigrationAutodetector

USE = (
    "This product has a schema for each clinic, and `migrate` knows only one. Use `manage.py migrate_clinics`:"
    " it brings the key store, public, the template and every clinic up to date. Nothing was changed."
)


class Command(BaseCommand):
    help = USE
    requires_system_checks: list[str] = []
    autodetector = MigrationAutodetector  # Django's checks compare it with makemigrations'

    def run_from_argv(self, argv: list[str]) -> None:
        """Whatever the arguments are, the answer is the same."""
        if {"-h", "--help"} & set(argv):
            self.print_help(argv[0], argv[1])
            return
        self.stderr.write(USE)
        sys.exit(2)

    def execute(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(USE)
