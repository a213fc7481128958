"""What does the database refuse to hold of this app, whoever writes it? (Overlaps: test_claims.py.)"""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.models import Appointment, Practitioner, ScheduleException, WeeklyTemplate
from appointments.tests import scene
from appointments.tests.scene import at
from healthcare.core.errors import violated
from healthcare.tests import make

pytestmark = pytest.mark.django_db
DAY = DateTimeTZRange(at("1 8:00"), at("1 18:00"), "[)")


@pytest.fixture(autouse=True)
def scenery(in_north: Any) -> None:
    doctor = scene.doctor()
    scene.booked(doctor, make.patient(), at("10:00"))
    ScheduleException(practitioner=doctor, effect="leave", during=DAY).save()


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Appointment, {"ends_at": at("10:00")}, "appointment_ends_after_start"),
        (Appointment, {"priority": "soon"}, "appointment_priority_known"),
        (Appointment, {"state": "asleep"}, "appointment_state_known"),
        (Practitioner, {"capacity": 0}, "practitioner_capacity_positive"),
        (Practitioner, {"slot_minutes": 0}, "practitioner_slot_within_a_day"),
        (Practitioner, {"slot_minutes": 1441}, "practitioner_slot_within_a_day"),
        (WeeklyTemplate, {"weekday": 7}, "weekly_template_weekday"),
        (
            WeeklyTemplate,
            {"valid_from": dt.date(2030, 6, 2), "valid_until": dt.date(2030, 6, 1)},
            "weekly_template_valid_forward",
        ),
        (ScheduleException, {"practitioner": None}, "schedule_exception_clinic_holiday"),
        (ScheduleException, {"during": DateTimeTZRange(at("10:00"), None)}, "schedule_exception_during_bounded"),
    ],
)
def test_the_database_refuses(model: Any, change: dict[str, Any], constraint: str) -> None:
    row = model.objects.first()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        model.objects.filter(pk=row.pk).update(**change)
    assert violated(refused.value) == constraint


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Practitioner, {"slot_minutes": 1440, "capacity": 2}),
        (WeeklyTemplate, {"weekday": 6, "valid_from": dt.date(2030, 6, 1), "valid_until": dt.date(2030, 6, 1)}),
        (ScheduleException, {"practitioner": None, "effect": "holiday"}),
        (Appointment, {"state": "expired", "priority": "routine", "ends_at": at("10:01")}),
    ],
)
def test_the_database_allows_what_is_just_right(model: Any, change: dict[str, Any]) -> None:
    row = model.objects.first()
    assert model.objects.filter(pk=row.pk).update(**change) == 1
