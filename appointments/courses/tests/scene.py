"""Where do the tests of courses play? At north: two therapists, one room, and a course of massage and steam."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from appointments.courses.models import Course, CourseTemplate
from appointments.courses.services.ordering import order
from appointments.courses.services.templates import enter
from appointments.models import Practitioner, Resource
from appointments.plugins.base import PATIENT, PRACTITIONER, ROOM, Kind
from healthcare.core.ids import new_id
from healthcare.tests import make

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2030, 10, 18, 8, 0, tzinfo=dt.UTC)  # a Friday; the clocks go back on the 27th
BY = new_id()
SNEHANA = Kind(
    code="snehana", name="Snehana", length=dt.timedelta(minutes=60), buffer=dt.timedelta(0), horizon=dt.timedelta(days=120),
    claims=(PRACTITIONER, PATIENT, ROOM),
)  # fmt: skip
SWEDANA = Kind(
    code="swedana", name="Swedana", length=dt.timedelta(minutes=45), buffer=dt.timedelta(0), horizon=dt.timedelta(days=120),
    claims=(PRACTITIONER, PATIENT, ROOM),
)  # fmt: skip
KINDS = [SNEHANA, SWEDANA]
PATH = "appointments.courses.tests.scene.KINDS"
CODES = ["snehana", "swedana"]


def with_kinds(config: Any = settings) -> None:
    config.APPOINTMENT_PLUGINS = [*config.APPOINTMENT_PLUGINS, PATH]


def phase(name: str, kind: str, sittings: int, least: int = 1, most: int = 2, pause: int = 0) -> dict[str, Any]:
    return {"name": name, "kind": kind, "sittings": sittings, "least_days": least, "most_days": most, "pause_days": pause}


def template(*phases: dict[str, Any], name: str = "Panchakarma") -> CourseTemplate:
    made = phases or (phase("Preparation", "snehana", 7), phase("Main", "swedana", 7, pause=1), phase("After", "snehana", 7))
    return enter(name=name, phases=list(made), by=BY)


def therapist(**known: Any) -> Practitioner:
    weekly = [(day, dt.time(9), dt.time(17)) for day in range(7)]
    terms = {"weekly": weekly, "kinds": CODES, "slot_minutes": None, "buffer_minutes": 0, "horizon_days": 120, **known}
    made = make.practitioner(**terms)
    return Practitioner.objects.with_place().get(pk=made.pk)


def room(location_id: Any, name: str = "Bakula") -> Resource:
    row = Resource(type="room", name=name, location_id=location_id, kinds=CODES)
    row.save()
    return row


def house() -> list[Practitioner]:
    """Two therapists who share one room."""
    people = [therapist(name=f"Therapist {n}") for n in (1, 2)]
    room(people[0].location_id)
    return people


def ordered(made: CourseTemplate | None = None, **known: Any) -> Course:
    known = {"patient": known.pop("patient", None) or make.patient(), "starts_on": dt.date(2030, 10, 21), **known}
    return order(template=made or template(), by=BY, now=NOW, **known)


def times(course: Course) -> list[dt.datetime]:
    rows = course.sittings.order_by("number").values_list("appointment__starts_at", flat=True)
    return [at.astimezone(BERLIN) for at in rows]
