"""How do phases become a row of sittings with gaps? One place for the shape and its limits."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from appointments.courses.planner import Gap

MOST_SITTINGS = 90
MOST_PHASES = 20
LONGEST_GAP = 60  # days


class Step(NamedTuple):
    """One sitting as the template asks for it; the gap is from the sitting before."""

    number: int
    phase: int
    kind: str
    gap: Gap


def steps(phases: Sequence[dict[str, Any]]) -> list[Step]:
    return list(_steps(phases))


def _steps(phases: Sequence[dict[str, Any]]) -> Iterator[Step]:
    number = 0
    for index, phase in enumerate(phases):
        for sitting in range(phase["sittings"]):
            number += 1
            pause = phase["pause_days"] if sitting == 0 and index > 0 else 0
            yield Step(number, index, phase["kind"], Gap(phase["least_days"] + pause, phase["most_days"] + pause))
