"""How do practitioners and appointments come in from elsewhere? Two kinds more for the chart room's import.

What is past is entered as it was; what is ahead is booked like any other, so it is refused where the time is not free.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.services.booking import book
from appointments.workflow import State
from clinics.models import Location
from healthcare.core.tenancy import current_clinic, on_platform
from patients.importing import fhir
from patients.importing.fhir import many, part, text
from patients.importing.kinds import Fault, Known, Make, importer
from patients.importing.source import Row
from patients.models import Patient

PAST = {"fulfilled": State.COMPLETED, "cancelled": State.CANCELLED, "noshow": State.NO_SHOW, "arrived": State.COMPLETED}
AHEAD = ("booked", "pending", "proposed")
LONGEST = dt.timedelta(hours=24)
KIND = "consultation"


@importer("Practitioner")
def practitioner(row: Row, known: Known) -> Make:
    """A card without hours: the clinic gives those."""
    name = part(row.said, "name", 0)
    given = part(name, "given")
    first = " ".join(one for one in given if isinstance(one, str)) if isinstance(given, list) else ""
    whole = text(part(name, "text") or f"{first} {part(name, 'family') or ''}".strip(), "name", 120, needed=True)
    title = text(part(name, "prefix", 0), "name.prefix", 60)

    clinic = current_clinic().id

    def make() -> UUID:
        with on_platform():
            place = Location.objects.filter(clinic_id=clinic).order_by("id").first()
        if place is None:
            raise Fault("location", "required")
        card = Practitioner(name=whole, title=title, location_id=place.pk)
        card.save(force_insert=True)
        return card.pk

    return make


@importer("Appointment")
def appointment(row: Row, known: Known) -> Make:
    actors = [part(one, "actor", "reference") for one in many(row.said, "participant")]
    patient = known.find("Patient", _actor(actors, "Patient", known), "participant")
    doctor = known.find("Practitioner", _actor(actors, "Practitioner", known), "participant")
    begins, ends = (fhir.instant(part(row.said, name), name) for name in ("start", "end"))
    if begins is None or ends is None:
        raise Fault("start", "required")
    if not begins < ends <= begins + LONGEST:
        raise Fault("end", "order")
    status = part(row.said, "status")
    if status not in PAST and status not in AHEAD:
        raise Fault("status", "invalid_choice")
    why = text(part(row.said, "description"), "description", 500)

    def make() -> UUID:
        chart, card = Patient.objects.get(pk=patient), Practitioner.objects.with_place().get(pk=doctor)
        if status in AHEAD and begins > timezone.now():
            by, now = known.by.user_id, timezone.now()
            return book(kind=KIND, patient=chart, practitioner=card, starts_at=begins, by=by, now=now, reason=why).pk
        state = PAST.get(status, State.NO_SHOW)
        said: dict[str, Any] = {"kind": KIND, "starts_at": begins, "ends_at": ends, "state": state, "reason": why}
        past = Appointment(patient=chart, practitioner=card, location_id=card.location_id, booked_by=known.by.user_id, **said)
        past.save(force_insert=True)
        return past.pk

    return make


def _actor(actors: list[Any], what: str, known: Known) -> str:
    """The participant of that kind: by its reference's name, or by what it leads to in the source."""
    for reference in actors:
        if isinstance(reference, str) and (reference.startswith(f"{what}/") or known.leads_to(reference) == what):
            return reference
    raise Fault("participant", "required")
