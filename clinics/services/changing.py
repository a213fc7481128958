"""How does a clinic change what it says of itself and how it works? Each state of its settings is kept."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from clinics.events import ClinicChanged, SettingsChanged
from clinics.models import Clinic, SettingsVersion
from clinics.settings_of import MAIN, document_of
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform


def change_clinic(*, clinic: Clinic, by: UUID | None, now: dt.datetime, **changes: Any) -> Clinic:
    """Change the directory entry. What belongs to the settings as well becomes a version of them.

    Raises StaleWrite when somebody else changed the clinic since it was read.
    """
    before = document_of(clinic)
    with on_platform(), transaction.atomic():
        for name, value in changes.items():
            setattr(clinic, name, value)
        _save(clinic, before, by, now)
        publish(ClinicChanged(clinic_id=clinic.id, version=clinic.version))
    return clinic


def change_settings(*, clinic: Clinic, by: UUID | None, now: dt.datetime, **changes: Any) -> Clinic:
    """Change some members of the settings' document (`settings_of.document_of`), each as a whole.

    Values are valid already. Nothing that differs: nothing is written. Raises StaleWrite.
    """
    before = document_of(clinic)
    if {**before, **changes} == before:
        return clinic
    with on_platform(), transaction.atomic():
        for name in MAIN:
            if name in changes:
                setattr(clinic, name, changes[name])
        clinic.terms = {**clinic.terms, **{name: value for name, value in changes.items() if name not in MAIN}}
        _save(clinic, before, by, now)
    return clinic


def _save(clinic: Clinic, before: dict[str, Any], by: UUID | None, now: dt.datetime) -> None:
    if document_of(clinic) == before:
        clinic.save()
        return
    rows = SettingsVersion.objects.filter(clinic=clinic)
    newest = rows.aggregate(newest=Max("number"))["newest"]
    if newest is None:  # what held so far, from the beginning
        _keep(clinic, clinic.settings_version, before, None, clinic.created_at)
    # a restored clinic may be behind its own history
    clinic.settings_version = max(newest or 0, clinic.settings_version) + 1
    clinic.save()
    _keep(clinic, clinic.settings_version, document_of(clinic), by, now)
    publish(SettingsChanged(clinic_id=clinic.id, version=clinic.settings_version))


def _keep(clinic: Clinic, number: int, document: dict[str, Any], by: UUID | None, at: dt.datetime) -> None:
    SettingsVersion(clinic=clinic, number=number, document=document, by=by, at=at).save(force_insert=True)
