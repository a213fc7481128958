"""How does a test get one row of each audited model of scheduling beyond the appointment itself?"""

import datetime as dt
from typing import Any

from django.apps import apps

from healthcare.core.ids import new_id
from healthcare.tests import make

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def practitioner() -> Any:
    from appointments.models import Practitioner

    row = Practitioner(name="Dr Sample", location_id=new_id())
    row.save(force_insert=True)
    return row


def resource() -> Any:
    from appointments.models import Resource

    return Resource(type="room", name=new_id().hex[-8:], location_id=new_id())


def group_session() -> Any:
    from appointments.models import GroupSession

    ends_at = NOW + dt.timedelta(hours=1)
    known = {"practitioner": practitioner(), "location_id": new_id(), "starts_at": NOW, "ends_at": ends_at}
    return GroupSession(kind="physiotherapy", seats=8, **known)


def visit() -> Any:
    row = apps.get_model("appointments", "Appointment")(
        kind="checkup", patient=make.patient(), practitioner=practitioner(), location_id=new_id(), starts_at=NOW,
        ends_at=NOW + dt.timedelta(hours=1),
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def of_visit(model: str, **known: Any) -> Any:
    return lambda: apps.get_model("appointments", model)(appointment=visit(), **known)


def plan(model: str, **known: Any) -> Any:
    """Something that names a practitioner, and (unless it is a leave) a patient."""

    def made() -> Any:
        patient = {} if model == "Leave" else {"patient": make.patient(), "kind": "consultation"}
        return apps.get_model("appointments", model)(practitioner=practitioner(), **patient, **known)

    return made


def series(**more: Any) -> Any:
    return plan("Series", rule="FREQ=DAILY;COUNT=2", begins=NOW, zone="UTC", booked_until=NOW, reason="headache", **more)


def within(model: str, field: str, owner: Any, **known: Any) -> Any:
    def made() -> Any:
        above = owner()
        above.save(force_insert=True)
        more = {"appointment": visit()} if model == "LeaveHit" else {}
        return apps.get_model("appointments", model)(**{field: above}, **more, **known)

    return made


LEAVE = plan("Leave", during=(NOW, NOW + dt.timedelta(hours=2)))
ROWS: dict[str, tuple[Any, str, Any]] = {
    "station": (of_visit("Station", place=1, code="vitals", name="Vital signs", minutes=10), "state", "running"),
    "serviceorder": (of_visit("ServiceOrder", service="lab_test", accession="240302-X"), "specimen", "urine"),
    "instruction": (of_visit("Instruction", phase="before", place=0, text="Rest.", due_at=NOW), "done_at", NOW),
    "followup": (of_visit("FollowUp", kind="follow_up", due_on=NOW.date()), "state", "due"),
    "series": (series(), "state", "ended"),
    "occurrence": (within("Occurrence", "series", series(), starts_at=NOW), "reasons", ["slot_taken"]),
    "leave": (LEAVE, "state", "undone"),
    "leavehit": (within("LeaveHit", "leave", LEAVE, outcome="left", was_with=new_id(), was_at=NOW), "outcome", "returned"),
    "override": (plan("Override", starts_at=NOW, priority="urgent", reason="headache"), "state", "declined"),
}
