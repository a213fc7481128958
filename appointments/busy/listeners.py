"""What becomes of busy times when a clinic ends or comes back from an archive?"""

from django.db import connection

from appointments.busy.models import Busy
from clinics.events import ClinicEnded, ClinicRestored
from healthcare.core.events import listens_to
from healthcare.core.tenancy import on_platform


@listens_to(ClinicEnded)
def forget(event: ClinicEnded) -> None:
    with on_platform():
        Busy.objects.filter(clinic_id=event.clinic_id).delete()


@listens_to(ClinicRestored)
def rebuild(event: ClinicRestored) -> None:
    """Its tables were filled before its triggers were there. A time that is taken elsewhere by now is left out."""
    with on_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT public.busy_rebuild(%s)", [f"clinic_{event.clinic_id.hex}"])
