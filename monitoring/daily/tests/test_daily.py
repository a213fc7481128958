"""Are a clinic's days counted rightly, in its own zone, and without anybody's name?"""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from appointments.models import Appointment, ScheduleException
from appointments.payments.models import Bill, Payment
from appointments.queue.models import Queue, Token
from healthcare.core import jobs
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from monitoring.daily.models import Day
from monitoring.daily.services import counting

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = dt.date(2026, 3, 3)


@pytest.fixture
def doctor(in_north):
    return make.practitioner(weekly=[(1, dt.time(9), dt.time(12))])


def at(hour, minute=0, day=TUESDAY):
    return dt.datetime.combine(day, dt.time(hour, minute), BERLIN)


def appointment(doctor, starts_at, state, minutes=20):
    row = Appointment(
        kind="consultation",
        patient=make.patient(),
        practitioner=doctor,
        location_id=doctor.location_id,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=minutes),
        state=state,
    )
    row.save()
    return row


def count(day=TUESDAY):
    return counting.roll_up(day=day, now=timezone.now())


def test_appointments_count_by_their_state_on_the_day_of_the_clinics_clock(doctor):
    for state in ("completed", "completed", "cancelled", "no_show", "scheduled", "expired"):
        appointment(doctor, at(9), state)
    appointment(doctor, at(23, 59, TUESDAY - dt.timedelta(days=1)), "completed")  # Monday there, though in UTC too
    appointment(doctor, at(0, 0), "completed")  # Monday in UTC, Tuesday in Berlin
    row = count()
    assert (row.expected, row.seen, row.cancelled, row.no_shows, row.no_show_rate) == (6, 3, 1, 1, 0.25)


def test_the_used_share_of_the_opening_minutes(doctor):
    for n in range(3):
        appointment(doctor, at(9, 20 * n), "completed", minutes=20)
    ScheduleException(practitioner=doctor, effect="leave", during=TimestamptzRange(at(11), at(15))).save()
    row = count()
    assert (row.open_minutes, row.used_minutes, row.utilisation) == (120, 60, 0.5)
    assert count(TUESDAY + dt.timedelta(days=1)).open_minutes == 0


def test_extra_sessions_and_overlapping_hours_count_once(doctor):
    for hours in ((10, 14), (13, 15)):
        during = TimestamptzRange(at(hours[0]), at(hours[1]))
        ScheduleException(practitioner=doctor, effect="extra", during=during).save()
    assert count().open_minutes == 6 * 60


def waits(doctor, minutes, day=TUESDAY):
    queue = Queue(practitioner=doctor, day=day)
    queue.save()
    for n, wait in enumerate(minutes, 1):
        arrived = at(9, n, day)
        Token(
            queue=queue, serial=n, number=f"A-{n:03}", place=n, arrived_at=arrived,
            called_at=arrived + dt.timedelta(minutes=wait), status="finished",
        ).save()  # fmt: skip


def test_waits_are_told_as_percentiles_where_enough_people_waited(doctor):
    waits(doctor, [5, 10, 15, 20, 60])
    row = count()
    assert (row.walk_ins, row.waited, row.wait_p50, row.wait_p90) == (5, 5, 900, 3600)


def test_the_wait_of_a_few_is_not_told(doctor):
    waits(doctor, [5, 10, 15, 20])
    row = count()
    assert (row.waited, row.wait_p50, row.wait_p90) == (4, None, None)


def test_revenue_is_what_was_received_that_day(doctor):
    held = appointment(doctor, at(9), "completed")
    bill = Bill.objects.filter(appointment=held).first() or Bill(appointment=held, price=Decimal(80), currency="USD")
    bill.save()
    for received_at, amount in ((at(10), 30), (at(10, day=TUESDAY - dt.timedelta(days=1)), 50)):
        Payment(
            bill=bill, amount=Decimal(amount), method="cash", state="received", provider="desk", received_at=received_at
        ).save()
    assert count().revenue == Decimal(30)


def test_a_second_count_changes_what_has_changed_and_makes_no_second_row(doctor):
    row = appointment(doctor, at(9), "scheduled")
    assert count().seen == 0
    Appointment.objects.filter(pk=row.pk).update(state="completed")
    assert count().seen == 1
    assert Day.objects.count() == 1


def test_the_job_counts_yesterday_and_today(in_north, doctor):
    with on_platform():
        job_id = jobs.enqueue("figures.count", key="figures.count:t", clinic_id=in_north.id)
        assert jobs.run(job_id) is True
    today = timezone.now().astimezone(BERLIN).date()
    assert list(Day.objects.order_by("day").values_list("day", flat=True)) == [today - dt.timedelta(days=1), today]


@pytest.mark.parametrize("role", ["data_analyst", "clinic_admin"])
def test_who_may_see_figures_reads_them_and_nothing_that_names_anybody(role, doctor, api):
    appointment(doctor, at(9), "completed")
    count()
    (row,) = api(role).get("/analytics/daily", {"since": "2026-03-03", "until": "2026-03-03"}).json()["results"]
    assert (row["day"], row["seen"], row["revenue"]) == ("2026-03-03", 1, "0.00")
    assert not any(word in str(row).lower() for word in ("patient", "lindqvist", "marsh"))
    assert api(role).get("/analytics/daily", {"since": "2026-03-04"}).json()["results"] == []


@pytest.mark.parametrize("role", ["doctor", "patient", "receptionist", "auditor", "support"])
def test_others_do_not(role, api):
    assert api(role).get("/analytics/daily").status_code == 403


def test_the_list_costs_the_same_with_one_and_with_three_days(doctor, api):
    client, counts = api("data_analyst"), []
    for more in (1, 2):
        for n in range(more):
            count(TUESDAY + dt.timedelta(days=more + n))
        client.get("/analytics/daily")
        with CaptureQueriesContext(connection) as queries:
            client.get("/analytics/daily")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_counting_costs_the_same_with_more_practitioners(doctor, in_north):
    counts = []
    for more in (0, 2):
        for n in range(more):
            make.practitioner(name=f"Dr {n}")
        with CaptureQueriesContext(connection) as queries:
            count()
        counts.append(len(queries))
    assert counts[0] == counts[1]
