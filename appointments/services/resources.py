"""How do rooms and devices come to be, and change?"""

from typing import Any
from uuid import UUID

from django.db import transaction

from appointments.events import ResourceChanged
from appointments.models import Resource
from clinics.models import Location
from healthcare.core.errors import NotFound, Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import current_clinic


class NameTaken(Refused):
    code = "resource_name_taken"
    detail = "There is a room or device of this name at the location already."


@transaction.atomic
def enter(*, location_id: UUID, by: UUID | None, **known: Any) -> Resource:
    """A new room or device at a location of the clinic. Raises NotFound (the location), NameTaken."""
    if not Location.objects.filter(pk=location_id, clinic_id=current_clinic().id).exists():
        raise NotFound
    return _saved(Resource(location_id=location_id, **known))


@transaction.atomic
def change(*, resource: Resource, by: UUID | None, **known: Any) -> Resource:
    """Change what is given. Raises NameTaken, StaleWrite."""
    for name, value in known.items():
        setattr(resource, name, value)
    return _saved(resource) if known else resource


def _saved(row: Resource) -> Resource:
    with refusing("resource_name_once", NameTaken):
        row.save()
    publish(ResourceChanged(resource_id=row.id, version=row.version))
    return row
