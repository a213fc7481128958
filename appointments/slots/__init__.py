"""Which starts can be booked, and why not the others? One pure engine: no database, no clock, no settings.

`offers` lists the slots of a window, `refusals` all reasons against one start, `alternatives` the nearest slots. They
answer from the same sets of starts, so they cannot disagree: offered(t) exactly when refusals(t) == [].

The rules:
- An appointment is [start, start + length) and lies wholly in working hours (weekly ones and extra sessions) and in the
  location's hours, and touches no subtraction. Buffers belong to the claims only: they may stick out of hours and into
  leave, but no claim overlaps another one of its lane.
- Hours are wall-clock. They open at the first instant whose clock shows `opens` or later and close after the last one
  whose clock shows less than `closes`: a gap shortens them (02:30 on a spring night is the instant after the gap), in a
  fold they open at the first and close at the second reading. Between, time is elapsed time: each instant once.
- A reason is given exactly when it is true by itself, whatever the others say. `off_grid` speaks only of starts within
  working hours; `too_soon` is said of the past too wherever notice is asked for.
"""

from .claims import Claim
from .clock import Interval, local_days, wall_interval
from .engine import Slot, offers, refusals, slot_at
from .nearest import alternatives
from .reasons import Reason
from .schedule import Addition, Busy, Key, Resource, ResourceNeed, Schedule, Subtraction, Terms, WeeklyHours

__all__ = [
    "Addition",
    "Busy",
    "Claim",
    "Interval",
    "Key",
    "Reason",
    "Resource",
    "ResourceNeed",
    "Schedule",
    "Slot",
    "Subtraction",
    "Terms",
    "WeeklyHours",
    "alternatives",
    "local_days",
    "offers",
    "refusals",
    "slot_at",
    "wall_interval",
]
