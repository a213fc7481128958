"""Empty the cache, and nothing else: limits, sockets and jobs live in another store, data in PostgreSQL."""

from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        cache.clear()
        self.stdout.write("the cache is empty")
