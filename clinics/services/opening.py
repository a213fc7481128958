"""How does a clinic come into being? A row in state `opening`; a job makes its schema, role and keys, and it is open."""

from typing import Any
from uuid import UUID

from django.db import transaction

from clinics.events import ClinicOpened, ClinicOrdered
from clinics.models import Clinic, Location
from clinics.services import schemas
from healthcare.core.crypto import clinic_scope
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform


class SlugTaken(Refused):
    code = "slug_taken"
    detail = "Another clinic has this slug."


def order_clinic(*, slug: str, name: str, by: UUID | None = None, **terms: Any) -> Clinic:
    """Enter a clinic in state `opening` and owe its opening. Raises SlugTaken."""
    clinic = Clinic(slug=slug, name=name, **terms)
    with on_platform(), transaction.atomic():
        with refusing("clinics_clinic_slug_key", SlugTaken):
            clinic.save(force_insert=True)
        Location(clinic=clinic, name=name, address=clinic.address, zone=clinic.zone).save(force_insert=True)
        publish(ClinicOrdered(clinic_id=clinic.id))
        enqueue("clinic.open", key=f"clinic.open:{clinic.id}", clinic_id=clinic.id, id=clinic.id)
    return clinic


def open_clinic(clinic: Clinic) -> Clinic:
    """Make what the clinic lacks and open it. Runs twice without harm."""
    schemas.open_schema(clinic.schema_name)
    keys.newest(clinic_scope(clinic.id))
    with on_platform(), transaction.atomic():
        locked = Clinic.objects.select_for_update().get(pk=clinic.pk)
        if locked.state == Clinic.State.OPENING:
            locked.state = Clinic.State.OPEN
            locked.save(update_fields=["state"])
            publish(ClinicOpened(clinic_id=locked.id))
    return locked
