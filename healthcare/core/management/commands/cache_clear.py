"""Empty the cache, and nothing else: limits, sockets and jobs live in another store, data in PostgreSQL."""

from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser

from healthcare.core import cache
from healthcare.core.tenancy import find_clinic


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", help="only what is kept of this clinic (slug or id)")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = find_clinic(options["clinic"]) if options["clinic"] else None
        if options["clinic"] and clinic is None:
            raise CommandError("There is no such open clinic.")
        try:
            count = cache.clear(clinic.id if clinic else None)
        except redis.RedisError as error:
            raise CommandError(f"The cache's store does not answer ({type(error).__name__}).") from None
        self.stdout.write(
            f"{f'nothing of {clinic.slug} is kept any more' if clinic else 'the cache is empty'} ({count} entries)"
        )
