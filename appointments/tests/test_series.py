"""Do series come again by their rule, on the wall clock, all or none or as many as can be? Do groups fill seat by seat?"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appointments.models import Appointment, Claim, Series
from appointments.services import groups, series, steps
from appointments.services.judging import NotBookable
from appointments.services.many import NotAllBookable
from appointments.services.rescheduling import reschedule
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked, codes
from healthcare.tests import make

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return scene.doctor()


def made(doctor: Any, rule: str, start: str = "10:00", **more: Any) -> tuple[Series, Any]:
    known = {"kind": "consultation", "by": None, "now": NOW, **more}
    return series.create(patient=make.patient(), practitioner=doctor, starts_at=at(start), rule=rule, **known)


def test_all_within_the_horizon_are_booked_and_the_rest_as_it_moves_on(doctor: Any) -> None:
    row, outcome = made(doctor, "FREQ=WEEKLY;COUNT=12")
    assert len(outcome.done) == 9  # sixty days
    later = NOW + dt.timedelta(days=30)
    assert len(series.extend(series=row, by=None, now=later).done) == 3
    assert len(series.extend(series=row, by=None, now=later + dt.timedelta(days=365)).done) == 0
    assert Appointment.objects.filter(occurrence__series=row).count() == 12


def test_one_that_cannot_be_booked_refuses_all_or_is_skipped_with_its_reason(doctor: Any) -> None:
    booked(doctor, make.patient(), at("7 10:00"))
    with pytest.raises(NotAllBookable):
        made(doctor, "FREQ=WEEKLY;COUNT=3")
    row, outcome = made(doctor, "FREQ=WEEKLY;COUNT=3", skips=True)
    assert (sorted(outcome.done), [one.reasons for one in row.occurrences.all()]) == ([0, 2], [[], ["slot_taken"], []])
    assert Series.objects.count() == 1


def test_it_keeps_its_wall_clock_over_the_end_of_summer_time(in_north: Any) -> None:
    doctor = scene.doctor(horizon_days=365)
    row, _ = made(doctor, "FREQ=MONTHLY;BYDAY=1MO;COUNT=8")
    clocks = {one.starts_at.astimezone(BERLIN).time() for one in row.occurrences.all()}
    assert (clocks, len({one.starts_at.hour for one in row.occurrences.all()})) == ({dt.time(10)}, 2)


def test_a_time_that_a_spring_night_skips_is_left_out() -> None:
    begins = dt.datetime(2030, 3, 29, 2, 30, tzinfo=BERLIN)
    row = Series(rule="FREQ=DAILY;COUNT=4", begins=begins, zone="Europe/Berlin")
    days = [one.astimezone(BERLIN).day for one in series.starts_of(row, begins - dt.timedelta(1), begins + dt.timedelta(9))]
    assert days == [29, 30, 1]  # not on the 31st: that night 02:30 does not exist


@pytest.mark.parametrize(
    "rule",
    ["", "WEEKLY", "FREQ=SECONDLY;COUNT=3", "FREQ=HOURLY", "FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;X=1",
     "FREQ=DAILY;COUNT=0", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=2;COUNT=3", "FREQ=DAILY;BYHOUR=1,2"],
)  # fmt: skip
def test_what_is_no_rule_of_ours_is_refused(doctor: Any, rule: str) -> None:
    with pytest.raises(series.BadRule):
        made(doctor, rule)


@pytest.mark.parametrize(
    ("start", "rule", "code"),
    [("60 10:00", "FREQ=DAILY;COUNT=3", "too_far"), ("0 10:00", "FREQ=YEARLY;BYMONTH=1", "too_far"),
     ("2000000 10:00", "FREQ=DAILY", "too_far"), ("-1000 10:00", "FREQ=DAILY", "in_the_past")],
)  # fmt: skip
def test_one_that_lies_outside_of_what_can_be_booked_is_refused_for_that(doctor: Any, start: str, rule: str, code: str) -> None:
    with pytest.raises(NotAllBookable) as refused:
        made(doctor, rule, start, skips=True)
    assert (codes(refused), Series.objects.count()) == ([code], 0)


def test_ended_what_is_ahead_is_cancelled_and_what_was_stays(doctor: Any) -> None:
    row, _ = made(doctor, "FREQ=DAILY;COUNT=3")
    series.end(series=row, by=None, now=at("1 09:00"))
    assert [one.state for one in Appointment.objects.order_by("starts_at")] == ["scheduled", "cancelled", "cancelled"]
    with pytest.raises(series.SeriesEnded):
        series.end(series=row, by=None, now=NOW)


def group(doctor: Any, seats: int = 2) -> Any:
    return groups.plan(kind="consultation", practitioner=doctor, starts_at=at("10:00"), seats=seats, by=None, now=NOW)


def test_a_group_holds_its_practitioner_once_and_fills_seat_by_seat(doctor: Any) -> None:
    session = group(doctor)
    for _ in range(2):
        groups.join(group=session, patient=make.patient(), by=None, now=NOW)
    with pytest.raises(groups.GroupFull) as full:
        groups.join(group=session, patient=make.patient(), by=None, now=NOW)
    assert (codes(full), Claim.objects.filter(resource="practitioner").count()) == (["group_full"], 1)
    with pytest.raises(NotBookable):
        booked(doctor, make.patient(), at("10:00"))
    steps.cancel(appointment=Appointment.objects.all()[0], by=None, now=NOW)
    assert groups.join(group=session, patient=make.patient(), by=None, now=NOW).group_id == session.pk


def test_who_is_busy_or_in_it_already_cannot_join_and_who_moves_gives_the_seat_back(doctor: Any) -> None:
    session, chart = group(doctor, seats=3), make.patient()
    row = groups.join(group=session, patient=chart, by=None, now=NOW)
    with pytest.raises(NotBookable) as refused:
        groups.join(group=session, patient=chart, by=None, now=NOW)
    assert codes(refused) == ["patient_busy"]
    moved = reschedule(appointment=row, starts_at=at("12:00"), by=None, now=NOW)
    assert (moved.group_id, Claim.objects.filter(resource="seat").count()) == (None, 0)


def test_called_off_everybodys_appointment_is_cancelled_and_the_time_is_free(doctor: Any) -> None:
    session = group(doctor)
    groups.join(group=session, patient=make.patient(), by=None, now=NOW)
    groups.call_off(group=session, by=None, now=NOW)
    assert (Appointment.objects.get().state, Claim.objects.count()) == ("cancelled", 0)
    session.refresh_from_db()
    with pytest.raises(groups.Over):
        groups.join(group=session, patient=make.patient(), by=None, now=NOW)


def test_over_rest_series_and_groups(api: Any, doctor: Any) -> None:
    asha, desk = api("patient"), api("receptionist")
    free = asha.get(f"/appointments/doctor/{doctor.id}/availability", {"days": 7}).json()["slots"]
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": free[-1]["starts_at"]}
    came = asha.post("/appointments/series", {**wanted, "rule": "FREQ=WEEKLY;COUNT=3"}, format="json")
    shown = came.json()
    assert (came.status_code, len(shown["occurrences"]), shown["state"]) == (201, 3, "active")
    assert asha.post("/appointments/series", {**wanted, "rule": "FREQ=SECONDLY"}, format="json").status_code == 400
    assert api("patient").get(f"/appointments/series/{shown['id']}").status_code == 404
    assert asha.post(f"/appointments/series/{shown['id']}/end").json()["state"] == "ended"
    plan = {**wanted, "starts_at": free[-9]["starts_at"], "seats": 2}
    assert asha.post("/appointments/groups", plan, format="json").status_code == 403
    session = desk.post("/appointments/groups", plan, format="json").json()
    seat = asha.post(f"/appointments/groups/{session['id']}/join")
    assert (seat.status_code, seat.json()["group"]) == (201, session["id"])
    (listed,) = asha.get("/appointments/groups").json()["results"]
    assert (listed["free"], listed["seats"], "patients" in listed) == (1, 2, False)
