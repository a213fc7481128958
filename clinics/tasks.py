"""Which work on clinics is done by jobs?"""

from clinics.models import Clinic
from clinics.services.opening import open_clinic
from healthcare.core.jobs import job


@job("clinic.open", queue="clinic-appointment", platform=True)
def open_ordered(*, id: str) -> None:
    open_clinic(Clinic.objects.get(pk=id))
