"""What is a kind of appointment? Its terms as values, and the few questions where behaviour may differ.

Where only values differ a kind is a row, `Kind(code="follow_up", name="Follow-up", length=timedelta(minutes=15))`; where
behaviour differs it is a subclass. See README.md beside this file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from appointments.plugins import owing
from healthcare.core.errors import Reason

if TYPE_CHECKING:
    from appointments.models import Appointment, Practitioner
    from patients.models import Patient

PRACTITIONER, PATIENT, ROOM, DEVICE = "practitioner", "patient", "room", "device"
Past = Iterable[tuple[str, dt.datetime]]  # kinds and starts of what a patient had, or is to have


class Advice(NamedTuple):
    """What the patient should do, `at` so long before (negative) the start or after the end."""

    at: dt.timedelta
    text: str


class Stop(NamedTuple):
    """A station of a check-up."""

    code: str
    name: str
    minutes: int


class Kind:
    """The base of all kinds. Durations are `timedelta`; a practitioner's own terms (slot, buffer, notice, horizon) win."""

    code: str = ""  # on the wire and in the database, so it never changes: lower case, digits, underscores
    name: str = ""
    rule: str = ""  # what makes it a kind of its own, in a sentence for people; the conformance kit asserts it
    length = dt.timedelta(minutes=30)
    own_time: bool = False  # a therapy takes as long as it takes: practitioners' slot and buffer don't change it
    buffer = dt.timedelta(minutes=15)  # kept free after it
    setup = dt.timedelta(0)  # kept free before it
    step: dt.timedelta | None = None  # distance of the starts offered; None: the length
    between: tuple[dt.time, dt.time] | None = None  # wall clock in which it may take place
    notice = dt.timedelta(0)
    horizon = dt.timedelta(days=90)
    claims: tuple[str, ...] = (PRACTITIONER, PATIENT)  # who and what it occupies; a room or device twice if it needs two
    patient_day_limit: int | None = None  # of this kind, a patient and day
    professions: frozenset[str] = frozenset()  # who may perform it (models.Profession); empty: all who offer it
    youngest: int | None = None  # years, included
    oldest: int | None = None
    sexes: frozenset[str] = frozenset()  # empty: all
    needs_contact: bool = False  # a phone number or mail address on the chart
    requires: tuple[frozenset[str], dt.timedelta] | None = None  # one of these kinds (empty: any other) so long before
    rest: dt.timedelta | None = None  # between two of this kind
    by_video: bool = False  # patient and practitioner meet in a room of appointments/video
    preparation: str = ""  # what the patient should do before
    advice: tuple[Advice, ...] = ()  # the same and the after-care in steps, each with its time; rows that patients see
    price: Decimal | None = None  # in the clinic's currency; None: not stated
    follow_up: tuple[str, dt.timedelta] | None = None  # kind and distance of the visit that should follow
    stations: tuple[Stop, ...] = ()  # of a check-up, in order
    specimen: str | None = None  # of an order to the laboratory ("" for imaging); None: no order
    work: str = "kind.care"  # the job that prepares it (appointments.plugins.owing); its queue is the department's

    def __init__(self, **values: Any) -> None:
        """A row: any of the values above by name. Raises TypeError for another name."""
        for name, value in values.items():
            if not hasattr(Kind, name) or callable(getattr(Kind, name)):
                raise TypeError(f"a kind of appointment has no {name!r}")
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"<kind {self.code}>"

    @property
    def asks_of_patient(self) -> bool:
        """Whether `eligibility` or the past may speak against a patient: else nobody needs to look at theirs."""
        values = (self.youngest, self.oldest, self.sexes or None, self.needs_contact or None, self.requires, self.rest)
        return any(value is not None for value in values) or type(self).eligibility is not Kind.eligibility

    def performed_by(self, practitioner: Practitioner) -> bool:
        """May this practitioner perform it? By default those who offer it and are of the profession."""
        return self.code in practitioner.kinds and (not self.professions or practitioner.profession in self.professions)

    def eligibility(self, patient: Patient, now: dt.datetime) -> list[Reason]:
        """Every reason why this patient can't have it; none: they can. Details carry nothing of the chart."""
        return [*self._age_reasons(patient, now), *self._sex_reasons(patient), *self._contact_reasons(patient)]

    def past_reasons(self, past: Past, starts_at: dt.datetime) -> list[Reason]:
        """Every reason of what the patient had before, or is to have. Asked only where `requires` or `rest` is set."""
        reasons = []
        if self.requires is not None and not self._led_up_to(past, starts_at):
            reasons.append(Reason("requires_earlier_visit", f"{self.name} follows an earlier visit that is not there."))
        if self.rest is not None and any(kind == self.code and abs(at - starts_at) < self.rest for kind, at in past):
            reasons.append(Reason("too_soon_after_last", f"Between two of {self.name} there must be {self.rest.days} days."))
        return reasons

    def on_step(self, verb: str, appointment: Appointment, *, by: UUID | None, now: dt.datetime) -> None:
        """After each step of the workflow (`book`, `check_in` … see appointments/workflow.py), in its transaction.

        By default it owes the work that the values above ask for. Raise a `Refused` of your own to forbid the step; enqueue a
        job for anything slow or outside. It may be called again after a rollback: no effect but on the database.
        """
        owing.after_step(self, verb, appointment)

    def _led_up_to(self, past: Past, starts_at: dt.datetime) -> bool:
        kinds, within = self.requires or (frozenset(), dt.timedelta(0))
        wanted = (at for kind, at in past if (kind in kinds if kinds else kind != self.code))
        return any(starts_at - within < at < starts_at for at in wanted)

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

    def _contact_reasons(self, patient: Patient) -> Iterator[Reason]:
        if self.needs_contact and not (patient.phone or patient.email):
            yield Reason("no_contact", f"{self.name} needs a phone number or a mail address on the chart.")


def years_between(born: dt.date, day: dt.date) -> int:
    """Completed years of life on `day`; who was born on 29 February completes a year on 1 March of common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
