"""What is a kind of appointment? Its terms as values, and the few questions where behaviour may differ.

Where only values differ a kind is a row, `Kind(code="follow_up", name="Follow-up", length=timedelta(minutes=15))`; where
behaviour differs it is a subclass. See README.md beside this file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from healthcare.core.errors import Reason

if TYPE_CHECKING:
    from appointments.models import Appointment, Practitioner
    from patients.models import Patient

PRACTITIONER, PATIENT, ROOM, DEVICE = "practitioner", "patient", "room", "device"


class Kind:
    """The base of all kinds. Durations are `timedelta`; a practitioner's own terms (slot, buffer, notice, horizon) win."""

    code: str = ""  # on the wire and in the database, so it never changes: lower case, digits, underscores
    name: str = ""
    length = dt.timedelta(minutes=30)
    buffer = dt.timedelta(minutes=15)  # kept free after it
    setup = dt.timedelta(0)  # kept free before it
    step: dt.timedelta | None = None  # distance of the starts offered; None: the length
    notice = dt.timedelta(0)
    horizon = dt.timedelta(days=90)
    claims: tuple[str, ...] = (PRACTITIONER, PATIENT)  # who and what it occupies; a room or device twice if it needs two
    patient_day_limit: int | None = None  # of this kind, a patient and day
    youngest: int | None = None  # years, included
    oldest: int | None = None
    sexes: frozenset[str] = frozenset()  # empty: all
    by_video: bool = False  # patient and practitioner meet in a room of appointments/video
    preparation: str = ""  # what the patient should do before
    price: Decimal | None = None  # in the clinic's currency; None: not stated

    def __init__(self, **values: Any) -> None:
        """A row: any of the values above by name. Raises TypeError for another name."""
        for name, value in values.items():
            if not hasattr(Kind, name) or callable(getattr(Kind, name)):
                raise TypeError(f"a kind of appointment has no {name!r}")
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"<kind {self.code}>"

    def performed_by(self, practitioner: Practitioner) -> bool:
        """May this practitioner perform it? By default those who offer it."""
        return self.code in practitioner.kinds

    def eligibility(self, patient: Patient, now: dt.datetime) -> list[Reason]:
        """Every reason why this patient can't have it; none: they can. Details carry nothing of the chart."""
        return [*self._age_reasons(patient, now), *self._sex_reasons(patient)]

    def on_step(self, verb: str, appointment: Appointment, *, by: UUID | None, now: dt.datetime) -> None:
        """After each step of the workflow (`book`, `check_in` … see appointments/workflow.py), in its transaction.

        Raise a `Refused` of your own to forbid the step; enqueue a job for anything slow or outside. It may be called again
        after a rollback, so it must have no effect but on the database.
        """

    def _age_reasons(self, patient: Patient, now: dt.datetime) -> Iterator[Reason]:
        if self.youngest is None and self.oldest is None:
            return  # the birthday stays sealed
        born: Any = patient.date_of_birth  # a date once unsealed
        if born is None:
            yield Reason("age_unknown", f"{self.name} depends on age, and the chart has no date of birth.")
            return
        age = years_between(born, now.date())
        if self.youngest is not None and age < self.youngest:
            yield Reason("too_young", f"{self.name} is for people from {self.youngest} years.")
        if self.oldest is not None and age > self.oldest:
            yield Reason("too_old", f"{self.name} is for people up to {self.oldest} years.")

    def _sex_reasons(self, patient: Patient) -> Iterator[Reason]:
        if self.sexes and patient.sex not in self.sexes:
            yield Reason("not_for_this_sex", f"{self.name} is not offered to this patient.")


def years_between(born: dt.date, day: dt.date) -> int:
    """Completed years of life on `day`; who was born on 29 February completes a year on 1 March of common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
