"""What stands in the way of closing a clinic or a place of it? Apps above register what they know.

    obstacles.before_closing(coming_appointments)          # (clinic, now) -> [Reason, …]
    obstacles.before_closing_place(who_works_there)        # (location, now) -> [Reason, …]

They are asked inside the clinic and inside the transaction that would close it.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from clinics.models import Clinic, Location
from healthcare.core.errors import Reason
from healthcare.core.tenancy import in_clinic

Check = Callable[[Any, dt.datetime], list[Reason]]

_of_clinics: list[Check] = []
_of_places: list[Check] = []


def before_closing(check: Check) -> None:
    if check not in _of_clinics:
        _of_clinics.append(check)


def before_closing_place(check: Check) -> None:
    if check not in _of_places:
        _of_places.append(check)


def of_clinic(clinic: Clinic, now: dt.datetime) -> list[Reason]:
    with in_clinic(clinic):
        return [reason for check in _of_clinics for reason in check(clinic, now)]


def of_place(location: Location, clinic: Clinic, now: dt.datetime) -> list[Reason]:
    with in_clinic(clinic):
        return [reason for check in _of_places for reason in check(location, now)]
