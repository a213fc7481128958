"""What happened to a course? (ids only)"""

from dataclasses import dataclass
from uuid import UUID

from healthcare.core.events import Event


@dataclass(frozen=True)
class CourseOrdered(Event):
    course_id: UUID


@dataclass(frozen=True)
class CoursePlanned(Event):
    """All its sittings are booked; `sittings` of them."""

    course_id: UUID
    sittings: int


@dataclass(frozen=True)
class CourseReflowed(Event):
    """A sitting was missed: it has a new time, and what follows moved as far as it had to."""

    course_id: UUID
    moved: int


@dataclass(frozen=True)
class CourseStuck(Event):
    """There is no time for all of it; somebody must look."""

    course_id: UUID


@dataclass(frozen=True)
class CourseCancelled(Event):
    course_id: UUID


@dataclass(frozen=True)
class CourseDone(Event):
    course_id: UUID
