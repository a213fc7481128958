"""How do the places of a clinic come, change and go? One that is closed is kept: appointments were there."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from clinics import obstacles
from clinics.events import LocationAdded, LocationChanged, LocationClosed, LocationReopened
from clinics.models import Clinic, Location
from healthcare.core.errors import Reason, Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform

LAST = Reason("last_location", "A clinic has one place at least; add another first.")


class NameTaken(Refused):
    code = "location_name_taken"
    detail = "Another location of this clinic has this name."


class LocationInUse(Refused):
    code = "location_in_use"
    detail = "The location is needed."


def add_location(*, clinic: Clinic, by: UUID | None, **known: Any) -> Location:
    """Without a zone of its own it has the clinic's. Raises NameTaken."""
    location = Location(clinic=clinic, **{"zone": clinic.zone, **known})
    with on_platform(), transaction.atomic():
        with refusing("location_name_once", NameTaken):
            location.save(force_insert=True)
        publish(LocationAdded(clinic_id=clinic.id, location_id=location.id))
    return location


def change_location(*, location: Location, by: UUID | None, **changes: Any) -> Location:
    """Raises NameTaken, StaleWrite."""
    with on_platform(), transaction.atomic():
        for name, value in changes.items():
            setattr(location, name, value)
        with refusing("location_name_once", NameTaken):
            location.save()
        publish(LocationChanged(clinic_id=location.clinic_id, location_id=location.id))
    return location


def close_location(*, location: Location, by: UUID | None, now: dt.datetime) -> Location:
    """See nobody there any more. Raises LocationInUse with every reason; closing twice is no fault."""
    with on_platform(), transaction.atomic():
        clinic = Clinic.objects.select_for_update(no_key=True).get(pk=location.clinic_id)  # of two last ones one stays
        row = Location.objects.get(pk=location.pk)
        if not row.is_active:
            return row
        others = Location.objects.filter(clinic=clinic, is_active=True).exclude(pk=row.pk)
        reasons = [*([] if others.exists() else [LAST]), *obstacles.of_place(row, clinic, now)]
        if reasons:
            raise LocationInUse(reasons=reasons)
        row.is_active = False
        row.save(update_fields=["is_active"])
        publish(LocationClosed(clinic_id=clinic.id, location_id=row.id))
    return row


def reopen_location(*, location: Location, by: UUID | None) -> Location:
    with on_platform(), transaction.atomic():
        if not location.is_active:
            location.is_active = True
            location.save(update_fields=["is_active"])
            publish(LocationReopened(clinic_id=location.clinic_id, location_id=location.id))
    return location
