"""Why not? The codes of refusal, each with the sentence people read and the instants it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from .clock import ZERO
from .schedule import Schedule

SUBTRACTION_REASONS = {"leave": "on_leave", "closed": "location_closed"}

WORDS = {
    "in_the_past": "{starts_at} has passed.",
    "too_soon": "Bookings need notice of {notice}.",
    "too_far": "Bookings open {horizon} ahead.",
    "outside_hours": "The practitioner does not work for the whole of {starts_at} to {ends_at}.",
    "location_closed": "The location is not open for the whole of {starts_at} to {ends_at}.",
    "not_at_this_hour": "This takes place at other hours of the day than {starts_at} to {ends_at}.",
    "on_leave": "The practitioner is on leave between {starts_at} and {ends_at}.",
    "holiday": "There is a holiday between {starts_at} and {ends_at}.",
    "off_grid": "{starts_at} is not one of the starting times.",
    "slot_taken": "The practitioner is not free from {from_at} to {until_at}.",
    "room_busy": "No fitting room is free from {from_at} to {until_at}.",
    "device_busy": "No fitting device is free from {from_at} to {until_at}.",
    "day_full": "The practitioner sees no more patients on the day of {starts_at}.",
    "patient_limit": "The patient has as many appointments of this kind on the day of {starts_at} as one may have.",
    "patient_busy": "The patient is not free from {starts_at} to {ends_at}.",
}
OTHERWISE = "{words}: {starts_at} to {ends_at}, buffers apart."


class Reason(NamedTuple):
    """One rule that says no: `code` for programs, `words` for people (English, nothing of the patient), in which `{starts_at}`
    and the like stand for `instants`; these are in the schedule's zone. `now` is the schedule's."""

    code: str
    words: str
    instants: Mapping[str, datetime] = MappingProxyType({})
    now: datetime | None = None


def reason(code: str, schedule: Schedule, starts_at: datetime) -> Reason:
    """The reason with its sentence; a code of the caller's own is spelt out."""
    terms = schedule.terms
    words = WORDS.get(code) or OTHERWISE.replace("{words}", code.replace("_", " ").capitalize())
    words = words.replace("{notice}", _spoken(terms.notice)).replace("{horizon}", _spoken(terms.horizon or ZERO))
    known = {
        "starts_at": starts_at,
        "ends_at": starts_at + terms.length,
        "from_at": starts_at - terms.buffer_before,
        "until_at": starts_at + terms.length + terms.buffer_after,
    }
    told = {name: at for name, at in known.items() if f"{{{name}}}" in words} | _edges(code, schedule)
    return Reason(code, words, {name: at.astimezone(schedule.zone) for name, at in told.items()}, schedule.now)


def _edges(code: str, schedule: Schedule) -> dict[str, datetime]:
    """From when bookings are open, or until when: programs need the instant, people the rule."""
    if code == "too_soon":
        return {"from_at": schedule.now + schedule.terms.notice}
    if code == "too_far" and schedule.terms.horizon is not None:
        return {"until_at": schedule.now + schedule.terms.horizon}
    return {}


def _spoken(duration: timedelta) -> str:
    minutes = duration // timedelta(minutes=1)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes and minutes % size == 0:
            return f"{minutes // size} {unit}{'s' if minutes != size else ''}"
    return "0 minutes"
