"""When is periodic work due? Each entry has a bucket of time; a bucket's work is owed once, whoever asks how often.

Two tickers, a restart or a clock set back never double it: the bucket is part of the job's key. A bucket that was missed as
a whole is not made up for; one that has begun is.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from healthcare.core import jobs
from healthcare.core.tenancy import each_clinic

CLINICS_EVERY = 30.0  # seconds between two looks at which clinics there are


class Periodic(NamedTuple):
    """`job` is owed every `every` seconds, or daily once the wall clock shows `at`.

    The clock is the clinic's where `per_clinic`, else UTC.
    """

    job: str
    every: int = 0
    at: dt.time | None = None
    per_clinic: bool = False

    def bucket(self, now: dt.datetime, place: "Place") -> str:
        """Name of the stretch of time that `now` lies in. Clinics take turns, or 200 would want the same at once."""
        if self.at is None:
            return str((int(now.timestamp()) + place.turn(self.every)) // self.every)
        local = now.astimezone(ZoneInfo(place.zone))
        day = local.date() if local.time() >= self.at else local.date() - dt.timedelta(days=1)
        return day.isoformat()


class Place(NamedTuple):
    """Where a periodic job runs: a clinic, or the platform (no id)."""

    clinic_id: UUID | None
    zone: str

    def turn(self, every: int) -> int:
        """Seconds by which this place's buckets begin earlier than the platform's."""
        return self.clinic_id.int % every if self.clinic_id else 0


PLATFORM = Place(None, "UTC")


class Timetable:
    """Owes what is due; remembers the last bucket of each entry, so that a round without news asks the database nothing."""

    def __init__(self, entries: tuple[Periodic, ...]) -> None:
        self.entries = entries
        self._owed: dict[tuple[str, UUID | None], str] = {}
        self._clinics: list[Place] = []
        self._looked_at = float("-inf")

    def owe(self, now: dt.datetime) -> int:
        """Enqueue everything whose bucket is new here. Answers how many entries that were."""
        return sum(self._owe_one(entry, place, now) for entry in self.entries for place in self._places(entry, now))

    def _owe_one(self, entry: Periodic, place: Place, now: dt.datetime) -> bool:
        bucket, slot = entry.bucket(now, place), (entry.job, place.clinic_id)
        if self._owed.get(slot) == bucket:
            return False
        where = f"{entry.job}:{place.clinic_id}" if place.clinic_id else entry.job
        jobs.enqueue(entry.job, key=f"{where}:{bucket}", clinic_id=place.clinic_id)
        self._owed[slot] = bucket
        return True

    def _places(self, entry: Periodic, now: dt.datetime) -> list[Place]:
        if not entry.per_clinic:
            return [PLATFORM]
        if now.timestamp() - self._looked_at >= CLINICS_EVERY:
            self._clinics = [Place(clinic.id, clinic.zone) for clinic in each_clinic()]
            self._looked_at = now.timestamp()
        return self._clinics
