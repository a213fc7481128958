"""How does a course template come to be, and change? Courses that were ordered keep their phases."""

from typing import Any
from uuid import UUID

from django.db import transaction

from appointments.courses.models import CourseTemplate
from appointments.courses.phases import MOST_SITTINGS
from appointments.plugins.registry import kind_named
from healthcare.core.errors import Malformed, Refused, refusing


class NameTaken(Refused):
    code = "course_name_taken"
    detail = "There is a course of this name already."


@transaction.atomic
def enter(*, name: str, phases: list[dict[str, Any]], by: UUID) -> CourseTemplate:
    """Raises UnknownKind, Malformed, NameTaken."""
    row = CourseTemplate(name=name, phases=_checked(phases))
    with refusing("course_template_name_once", NameTaken):
        row.save(force_insert=True)
    return row


@transaction.atomic
def change(*, template: CourseTemplate, by: UUID, **given: Any) -> CourseTemplate:
    """Raises as `enter` does, and StaleWrite."""
    if "phases" in given:
        given["phases"] = _checked(given["phases"])
    for name, value in given.items():
        setattr(template, name, value)
    if given:
        with refusing("course_template_name_once", NameTaken):
            template.save()
    return template


def _checked(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for phase in phases:
        kind_named(phase["kind"])
        if phase["most_days"] < phase["least_days"]:
            raise Malformed("A phase's most_days is at least its least_days.")
    if not 1 <= sum(phase["sittings"] for phase in phases) <= MOST_SITTINGS:
        raise Malformed(f"A course has 1 to {MOST_SITTINGS} sittings.")
    return phases
