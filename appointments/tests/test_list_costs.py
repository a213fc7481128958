"""Does each list of the planning API cost as many queries for three rows as for one?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import FollowUp, Resource
from appointments.services import groups, holds, leaves, overriding, series
from appointments.slots import Interval
from appointments.tests import scene
from healthcare.tests import make

pytestmark = pytest.mark.django_db
KNOWN: dict[str, Any] = {"kind": "consultation", "by": None}


class Rows:
    """One more row of each list, all of one doctor who works round the clock, `number` hours from tomorrow on."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.doctor = scene.doctor(weekly=[(day, dt.time(0), dt.time(0)) for day in range(7)])
        midnight = dt.datetime.combine(self.now.date() + dt.timedelta(days=2), dt.time(0), dt.UTC)
        self.hours = (midnight + dt.timedelta(hours=number) for number in range(72))

    def asked(self, **more: Any) -> dict[str, Any]:
        return {**KNOWN, "now": self.now, "practitioner": self.doctor, "starts_at": next(self.hours), **more}

    def holds(self) -> None:
        holds.hold(patient=make.patient(), **self.asked())

    def series(self) -> None:
        series.create(patient=make.patient(), rule="FREQ=DAILY;COUNT=2", **self.asked())

    def groups(self) -> None:
        group = groups.plan(seats=3, **self.asked())
        groups.join(group=group, patient=make.patient(), by=None, now=self.now)

    def leaves(self) -> None:
        scene.booked(self.doctor, make.patient(), start := next(self.hours), now=self.now)
        during = Interval(start, start + dt.timedelta(minutes=10))
        leaves.take(practitioner=self.doctor, during=during, by=None, now=self.now)

    def overrides(self) -> None:
        asked = self.asked(patient=make.patient(), priority="emergency", reason="bleeding")
        scene.booked(self.doctor, make.patient(), asked["starts_at"], now=self.now)
        overriding.ask(**asked)

    def resources(self) -> None:
        Resource(type="room", name=f"Room {next(self.hours):%H}", location_id=self.doctor.location_id).save()

    def follow_ups(self) -> None:
        row = scene.booked(self.doctor, make.patient(), next(self.hours), now=self.now)
        FollowUp(appointment=row, kind="consultation", due_on=self.now.date()).save()


@pytest.mark.parametrize("name", ["holds", "series", "groups", "leaves", "overrides", "resources", "follow-ups"])
def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(name: str, in_north: Any, api: Callable[..., Any]) -> None:
    rows, chief, path, costs = Rows(), api("clinic_admin"), f"/appointments/{name}", []
    for more in (1, 2):
        for _ in range(more):
            getattr(rows, name.replace("-", "_"))()
        assert chief.get(path).status_code == 200
        with CaptureQueriesContext(connection) as seen:
            found = chief.get(path).json()
        costs.append((len(found["results"]), len(seen)))
    assert [count for count, _ in costs] == [1, 3]
    assert costs[0][1] == costs[1][1]
