"""How does a clinic change what it says of itself?"""

from typing import Any

from django.db import transaction

from clinics.models import Clinic
from healthcare.core.tenancy import forget_clinics, on_platform


def change_clinic(*, clinic: Clinic, **changes: Any) -> Clinic:
    with on_platform(), transaction.atomic():
        for name, value in changes.items():
            setattr(clinic, name, value)
        clinic.save()
    forget_clinics()
    return clinic
