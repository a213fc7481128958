"""What is an acupuncture? Needling of grown-ups in a room, never twice in two days, and only with consent on paper."""

import datetime as dt
from typing import Any
from uuid import UUID

from appointments.plugins.base import PATIENT, PRACTITIONER, ROOM, Advice, Kind
from healthcare.core.errors import Reason, Refused


class NeedlesMissing(Refused):
    code = "needles_missing"
    detail = "Count the needles before the session is completed."


class Acupuncture(Kind):
    code = "acupuncture"
    name = "Acupuncture"
    rule = "For grown-ups who are not afraid of needles, two days apart; completed only once it has been started."
    length = dt.timedelta(minutes=40)
    own_time = True
    claims = (PRACTITIONER, PATIENT, ROOM)
    youngest = 18
    rest = dt.timedelta(days=2)
    advice = (Advice(dt.timedelta(hours=-1), "Eat something light."), Advice(dt.timedelta(0), "Rest for ten minutes."))

    def eligibility(self, patient: Any, now: dt.datetime) -> list[Reason]:
        why = super().eligibility(patient, now)
        return [*why, Reason("not_in_this_language", "We can't explain it.")] if patient.language == "tlh" else why

    def on_step(self, verb: str, appointment: Any, *, by: UUID | None, now: dt.datetime) -> None:
        if verb == "complete" and not appointment.transitions.filter(verb="start").exists():
            raise NeedlesMissing
        super().on_step(verb, appointment, by=by, now=now)
