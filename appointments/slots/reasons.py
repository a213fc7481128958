"""Why not? The codes of refusal, each with the sentence people read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from .clock import ZERO
from .schedule import Schedule

SUBTRACTION_REASONS = {"leave": "on_leave", "closed": "location_closed"}

DETAILS = {
    "in_the_past": "{start} has passed.",
    "too_soon": "Bookings need {notice} notice.",
    "too_far": "Bookings open {horizon} ahead.",
    "outside_hours": "The practitioner does not work for the whole of {start} to {end}.",
    "location_closed": "The location is not open for the whole of {start} to {end}.",
    "not_at_this_hour": "This takes place at other hours of the day than {start} to {end}.",
    "on_leave": "The practitioner is on leave between {start} and {end}.",
    "holiday": "There is a holiday between {start} and {end}.",
    "off_grid": "{start} is not one of the starting times.",
    "slot_taken": "The practitioner is not free from {held_from} to {held_until}.",
    "room_busy": "No fitting room is free from {held_from} to {held_until}.",
    "device_busy": "No fitting device is free from {held_from} to {held_until}.",
    "day_full": "The practitioner sees no more patients on the day of {start}.",
    "patient_limit": "The patient has as many appointments of this kind on the day of {start} as one may have.",
    "patient_busy": "The patient is not free from {start} to {end}.",
}
OTHERWISE = "{words}: {start} to {end}, buffers apart."


class Reason(NamedTuple):
    """One rule that says no: `code` for programs, `detail` for people (English, local time, nothing of the patient)."""

    code: str
    detail: str


def reason(code: str, schedule: Schedule, starts_at: datetime) -> Reason:
    """The reason with its sentence; a code of the caller's own is spelt out."""
    terms = schedule.terms
    ends_at = starts_at + terms.length

    def shown(instant: datetime) -> str:
        return instant.astimezone(schedule.zone).isoformat(" ", "minutes")

    return Reason(
        code,
        DETAILS.get(code, OTHERWISE).format(
            start=shown(starts_at),
            end=shown(ends_at),
            held_from=shown(starts_at - terms.buffer_before),
            held_until=shown(ends_at + terms.buffer_after),
            notice=_spoken(terms.notice),
            horizon=_spoken(terms.horizon or ZERO),
            words=code.replace("_", " ").capitalize(),
        ),
    )


def _spoken(duration: timedelta) -> str:
    minutes = duration // timedelta(minutes=1)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
