"""Print the role table as a page: `manage.py roles_page > docs/roles.md`."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.roles_page import page


class Command(BaseCommand):
    help = "Print the role table as the page docs/roles.md."
    requires_system_checks: Any = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
