"""What does the engine need to know? Hours, exceptions, terms and claims of one practitioner at one location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from uuid import UUID

from .clock import ZERO, Interval, utc, wall_interval

Key = UUID | str
LONGEST = timedelta(days=36_500)
SHORTEST_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours on one weekday (Monday is 0), on the wall clock of the location.

    `closes` at or before `opens` means the next day; 00:00–00:00 is the whole day. `valid_from` and `valid_until` are
    local dates, both included, and judge the day on which the hours open. Raises ValueError for another weekday.
    """

    weekday: int
    opens: time
    closes: time
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday {self.weekday} is not in 0 (Monday) to 6 (Sunday)")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("hours are wall-clock times, without an offset")

    def apply_on(self, day: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= day
        ended = self.valid_until is not None and self.valid_until < day
        return day.weekday() == self.weekday and begun and not ended

    def on(self, day: date, zone: tzinfo) -> Interval:
        return wall_interval(day, self.opens, self.closes, zone)


@dataclass(frozen=True, slots=True)
class Subtraction:
    """Time taken out: `leave`, `holiday`, `closed` (the location), or a code of the caller's own, which is then the
    reason's code, as `day_full`. It is stronger than hours and than every `Addition` that doesn't say otherwise."""

    during: Interval
    code: str = "leave"


@dataclass(frozen=True, slots=True)
class Addition:
    """An extra session: working hours beside the weekly ones, with a grid of its own.

    `despite` names the codes of subtractions that don't apply during it; `closed` stands for the location's hours too.
    """

    during: Interval
    despite: frozenset[str] = frozenset()


class Busy(NamedTuple):
    """A claim that is held already, its buffers included; `lane` None holds every lane."""

    during: Interval
    lane: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Somebody or something that can be claimed `capacity` times at once, in lanes 0 to capacity - 1.

    Claims in lanes above (deliberate overbooking) take nothing from these. Raises ValueError for capacity < 1.
    """

    key: Key
    busy: Sequence[Busy] = ()
    capacity: int = 1

    def __post_init__(self) -> None:
        if self.capacity < 1:
            raise ValueError(f"{self.key} has a capacity of {self.capacity}: at least one lane is needed")


@dataclass(frozen=True, slots=True)
class ResourceNeed:
    """One lane of one of the candidates, the first free one in their order; `code` is the reason when none is.

    `buffered`: the claim includes the buffers. `daily`: it holds the whole local day of the start (one of so many a day).
    Two needs never get the same lane. No candidates: never satisfied.
    """

    code: str
    candidates: tuple[Resource, ...]
    buffered: bool = True
    daily: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which a kind of appointment is offered, as durations.

    `step` is the grid (None: `length`; a minute at least). Buffers belong to the claim, not to the appointment: they
    may stick out of working hours and into leave, but never overlap another claim. `notice` and `horizon` count from
    now, both limits included; `horizon` None is without limit. Raises ValueError for what can't be: a length or step
    that is too short, a negative duration, one over 100 years.
    """

    length: timedelta
    step: timedelta | None = None
    buffer_before: timedelta = ZERO
    buffer_after: timedelta = ZERO
    notice: timedelta = ZERO
    horizon: timedelta | None = None

    def __post_init__(self) -> None:
        others = (self.buffer_before, self.buffer_after, self.notice, self.horizon or ZERO)
        if self.length <= ZERO or self.grid < SHORTEST_STEP or min(others) < ZERO:
            raise ValueError("length must be positive, the step a minute or more, nothing negative")
        if max(self.length, self.grid, *others) > LONGEST:
            raise ValueError("a duration is longer than 100 years")

    @property
    def grid(self) -> timedelta:
        return self.length if self.step is None else self.step


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that decides whether one practitioner can be booked on these terms at one location, as of `now`.

    `location_hours` None is always open; `kind_hours` are those in which the kind may take place, None: any. The patient's
    need carries no buffers. Raises ValueError for a naive `now`.
    """

    practitioner: Resource
    zone: tzinfo
    now: datetime
    terms: Terms
    hours: Sequence[WeeklyHours] = ()
    location_hours: Sequence[WeeklyHours] | None = None
    kind_hours: Sequence[WeeklyHours] | None = None
    subtractions: Sequence[Subtraction] = ()
    additions: Sequence[Addition] = ()
    patient: Resource | None = None
    resources: tuple[ResourceNeed, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "now", utc(self.now))

    @property
    def needs(self) -> tuple[ResourceNeed, ...]:
        """Who and what is claimed: the practitioner first, then the patient if known, then the rest."""
        practitioner = ResourceNeed("slot_taken", (self.practitioner,))
        patient = (ResourceNeed("patient_busy", (self.patient,), buffered=False),) if self.patient else ()
        return (practitioner, *patient, *self.resources)
