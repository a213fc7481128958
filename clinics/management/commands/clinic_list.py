"""List the clinics with their state."""

from typing import Any

from django.core.management.base import BaseCommand

from clinics.models import Clinic


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for clinic in Clinic.objects.order_by("slug"):
            self.stdout.write(f"{clinic.slug:<24} {clinic.state:<8} {clinic.zone:<24} {clinic.id}  {clinic.name}")
