"""What of scheduling is in a throw-away clinic beside appointments? One row of each plan and work, and one that is gone."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from appointments.models import (
    FollowUp,
    GroupSession,
    Instruction,
    Leave,
    Override,
    Resource,
    Series,
    ServiceOrder,
    Station,
)

if TYPE_CHECKING:
    from healthcare.probe.filling import _Filling

KIND = "consultation"


def fill_schedules(filling: "_Filling") -> None:
    one, other = filling.doctors_, filling.third
    at = filling.now + dt.timedelta(days=20)
    place = filling.location.id
    made: dict[str, Any] = {
        "resource": lambda n: Resource(type="room", name=f"{filling._word('row')} {n}", location_id=place, kinds=[KIND]),
        "series": lambda n: Series(
            kind=KIND, patient=one.patient, practitioner=one.practitioner, rule="FREQ=WEEKLY;COUNT=2", begins=at,
            zone="UTC", booked_until=at, reason=filling._word("reason", "own"),
        ),
        "group": lambda n: GroupSession(
            kind=KIND, practitioner=filling.cards["three"], location_id=place, starts_at=at + n * dt.timedelta(hours=1),
            ends_at=at + dt.timedelta(hours=n, minutes=30), seats=5,
        ),
        "leave": lambda n: Leave(
            practitioner=filling.cards["three"], during=(at + dt.timedelta(days=n), at + dt.timedelta(days=n, hours=2))
        ),
        "override": lambda n: Override(
            kind=KIND, patient=other.patient, practitioner=filling.cards["three"], starts_at=at, priority="urgent",
            reason=filling._word("reason", "sibling"), asked_by=filling.desk.user_id,
        ),
        "station": lambda n: Station(appointment=one, place=n + 1, code="vitals", name="Vital signs", minutes=10),
        "instruction": lambda n: Instruction(
            appointment=one, phase="before", place=n, text="Eat nothing.", due_at=one.starts_at
        ),
    }  # fmt: skip
    for kind, make in made.items():
        rows = {which: make(n) for n, which in enumerate(("own", "deleted"))}
        for row in rows.values():
            row.save(force_insert=True)
        filling._note(kind, **rows)
    for which in ("deleted", "sibling"):
        asked = ServiceOrder(appointment=other, service="lab_test", accession=filling._word("row"), specimen="blood")
        asked.save(force_insert=True)
        filling._note("order", **{which: asked})
    for role, booked in filling.booked.items():  # each who treats has an order, a series and things to do of their own
        if booked.pk != one.pk:
            first = Station(appointment=booked, place=1, code="vitals", name="Vital signs", minutes=10)
            told = Instruction(appointment=booked, phase="before", place=0, text="Eat nothing.", due_at=booked.starts_at)
            for kind, row in {"station": first, "instruction": told}.items():
                row.save(force_insert=True)
                filling._note(kind, **{f"own:{role}": row})
        order = {"service": "lab_test", "accession": filling._word("row"), "specimen": "blood"}
        theirs = ServiceOrder(appointment=booked, **order)
        theirs.save(force_insert=True)
        filling._note("order", **{"own" if booked.pk == one.pk else f"own:{role}": theirs})
        row = Series(
            kind=KIND, patient=booked.patient, practitioner=booked.practitioner, rule="FREQ=WEEKLY;COUNT=2", begins=at,
            zone="UTC", booked_until=at, reason=filling._word("reason", "own"),
        )  # fmt: skip
        row.save(force_insert=True)
        filling._note("series", **{f"own:{role}": row})
    due = {which: FollowUp(appointment=row, kind=KIND, due_on=at.date()) for which, row in _visits(filling).items()}
    for row in due.values():
        row.save(force_insert=True)
    filling._note("follow_up", **due)


def _visits(filling: "_Filling") -> dict[str, Any]:
    return {"own": filling.doctors_, "sibling": filling.third, "deleted": filling.therapists}
