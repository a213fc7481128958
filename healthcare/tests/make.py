"""How do tests get the people and things they speak of? Small makers with sensible defaults; names are made up."""

import datetime as dt
import secrets
from typing import Any

from accounts.membership import Member
from accounts.models import User
from accounts.roles import PLATFORM_ROLES, Role
from accounts.services import people
from healthcare.core.tenancy import current_clinic, on_platform

PASSWORD = "correct-horse-battery"


def person(**known: Any) -> User:
    """Somebody with an account, without any membership."""
    known.setdefault("email", f"{secrets.token_hex(6)}@people.example")
    known.setdefault("first_name", "Noor")
    known.setdefault("last_name", "Quill")
    return people.register(**{"password": PASSWORD, **known})


def member(role: str | Role, clinic: Any, **known: Any) -> Member:
    """Somebody who holds one role in a clinic (a patient also gets a chart); platform roles are held everywhere."""
    role = Role(role)
    if role == Role.PATIENT:
        user = person(clinic=clinic, **known)
    else:
        user = person(**known)
        people.grant(user=user, role=role, clinic=None if role in PLATFORM_ROLES else clinic)
    return Member(user.id, clinic.id, frozenset({role}))


def patient(**known: Any) -> Any:
    """A chart in the current clinic, without an account."""
    from patients.services.charts import enter_patient

    known.setdefault("first_name", "Mira")
    known.setdefault("last_name", "Lindqvist")
    by = Member(User(id=None).id, current_clinic().id, frozenset({Role.RECEPTIONIST}))
    return enter_patient(by=by, **known)


def practitioner(**known: Any) -> Any:
    """A doctor of the current clinic who sees patients round the clock, ten minutes each, without buffer or notice."""
    from appointments.models import Practitioner, WeeklyTemplate
    from clinics.models import Location

    clinic = current_clinic()
    with on_platform():
        location = Location.objects.filter(clinic_id=clinic.id).order_by("id").first()
    weekly = known.pop("weekly", [(day, dt.time(0), dt.time(0)) for day in range(7)])
    terms = {"kinds": ["consultation"], "slot_minutes": 10, "buffer_minutes": 0, "notice_minutes": 0, "horizon_days": 60}
    row = Practitioner(**{"name": "Dr Ada Marsh", "location_id": location.id, **terms, **known})  # type: ignore[union-attr]
    row.save()
    for weekday, opens, closes in weekly:
        WeeklyTemplate(practitioner=row, weekday=weekday, opens=opens, closes=closes).save()
    return row
