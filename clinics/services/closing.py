"""How does a clinic stop serving over REST, and serve again? Everything is kept; `clinic_delete` is what ends one."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from clinics import obstacles
from clinics.events import ClinicReopened
from clinics.models import Clinic
from clinics.services.ending import EndedAlready, NotClosed, close_clinic, held
from healthcare.core.context import acting_as
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform


class NotOpenYet(Refused):
    code = "clinic_opening"
    detail = "The clinic is still opening; close it once it is open."


class ClinicInUse(Refused):
    code = "clinic_in_use"
    detail = "People are still expected in this clinic."


def deactivate_clinic(*, clinic: Clinic, by: UUID | None, now: dt.datetime) -> None:
    """Close it, unless somebody is still expected there. Raises NotOpenYet, ClinicInUse with every reason, EndedAlready."""
    with on_platform(), transaction.atomic():
        row = Clinic.objects.select_for_update().get(pk=clinic.pk)
        if row.state == Clinic.State.OPENING:
            raise NotOpenYet
        if reasons := obstacles.of_clinic(row, now):
            raise ClinicInUse(reasons=reasons)
        close_clinic(clinic=row, by=by)


def reopen_clinic(*, clinic: Clinic, by: UUID | None) -> Clinic:
    """Serve again with everything as it was. Raises NotClosed, EndedAlready (also when its ending has begun)."""
    with on_platform(), transaction.atomic(), acting_as(actor_id=by):
        row = held(clinic)
        if row.state != Clinic.State.CLOSED:
            raise NotClosed("The clinic is not closed.")
        if hasattr(row, "tombstone"):
            raise EndedAlready
        row.state = Clinic.State.OPEN
        row.save(update_fields=["state"])
        publish(ClinicReopened(clinic_id=row.id))
    return row
