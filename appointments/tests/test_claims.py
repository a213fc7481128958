"""Can the database itself be made to hold a resource twice? Claims written directly, past every rule of ours."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments import slots
from appointments.models import Appointment, Claim, Practitioner
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.diary import Diary
from appointments.tests import scene
from appointments.tests.scene import at
from healthcare.core.errors import violated
from healthcare.core.ids import new_id
from healthcare.tests import make


@pytest.fixture
def held(in_north: Any) -> Appointment:
    """Booked from 10:00 to 10:10 with a doctor who needs no pause afterwards."""
    return scene.booked(scene.doctor(), make.patient(), at("10:00"))


def claim(held: Appointment, begins: str, ends: str, *, resource: UUID | None = None, lane: int = 0) -> Claim:
    during = DateTimeTZRange(at(begins), at(ends), "[)")
    wanted = resource or held.practitioner_id
    return Claim(appointment=held, resource="practitioner", resource_id=wanted, lane=lane, during=during)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("begins", "ends", "constraint"),
    [
        ("10:09", "10:30", "claim_no_overlap"),
        ("9:30", "10:01", "claim_no_overlap"),
        ("11:00", "11:00", "claim_during_not_empty"),
    ],
)
def test_the_database_refuses_what_overlaps_or_is_no_time(held: Appointment, begins: str, ends: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        claim(held, begins, ends).save(force_insert=True)
    assert violated(refused.value) == constraint


@pytest.mark.django_db
def test_claims_that_touch_or_are_of_another_lane_or_resource_are_allowed(held: Appointment) -> None:
    before = Claim.objects.count()
    claim(held, "10:10", "10:30").save(force_insert=True)
    claim(held, "10:00", "10:10", lane=1).save(force_insert=True)
    claim(held, "10:00", "10:10", resource=new_id()).save(force_insert=True)
    assert Claim.objects.count() == before + 3


def test_claims_are_taken_in_the_one_order_whatever_order_they_were_found_in() -> None:
    time = slots.Interval(at("10:00"), at("10:10"))
    found = [slots.Claim(f"{resource}:{new_id()}", 0, time) for resource in ("patient", "device", "room", "practitioner")]
    assert [row.resource for row in claims.rows(new_id(), found)] == ["practitioner", "room", "device", "patient"]


@pytest.mark.django_db
@pytest.mark.parametrize("year", [1902, 1969, 2030, 2198])
def test_what_is_held_is_read_to_the_microsecond_in_every_year(held: Appointment, year: int) -> None:
    begins = dt.datetime(year, 3, 31, 0, 59, 59, 999_999, tzinfo=dt.UTC)
    time = slots.Interval(begins, begins + dt.timedelta(microseconds=1_000_003))
    claims.hold(claims.rows(held.pk, [slots.Claim(claims.key("practitioner", held.practitioner_id), 0, time)]))
    card = Practitioner.objects.with_place().get(pk=held.practitioner_id)
    diary = Diary([card], kind_named("consultation"), reach=time, now=begins)
    assert diary.claimed(time) == {card.pk: [slots.Busy(time, 0)]}
