"""Who gets the slot when many want it at once? Real connections, real commits: one wins, nobody waits for ever."""

import datetime as dt
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from appointments.models import Appointment, Claim
from appointments.services import holds, steps
from appointments.services.handing_over import reassign
from appointments.services.judging import SlotTaken
from appointments.services.rescheduling import reschedule
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from clinics.models import Clinic
from healthcare.core.errors import Reason, Refused
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = [pytest.mark.parallel, pytest.mark.usefixtures("committed")]
RIVALS = 24


@pytest.fixture
def clinic(committed: None) -> Any:
    return Clinic.objects.get(slug="north")


def at_once(clinic: Any, calls: Iterable[Callable[[], Any]]) -> Counter[str]:
    """Run the calls from one starting line, on as many connections as the pool gives; count what came of them."""
    calls = list(calls)
    line = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            line.wait(30)
            with in_clinic(clinic):
                call()
            return "done"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def test_one_slot_and_many_patients_make_one_booking_and_refusals_with_alternatives(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor, charts = scene.doctor(), [make.patient() for _ in range(RIVALS)]
    came = at_once(clinic, [lambda chart=chart: booked(doctor, chart, at("10:00")) for chart in charts])
    with in_clinic(clinic):
        assert (came, Appointment.objects.count(), Claim.objects.count()) == ({"done": 1, "slot_taken": RIVALS - 1}, 1, 2)


def test_one_time_that_many_pick_on_the_page_of_the_admin_is_booked_once(clinic: Any, member: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    with in_clinic(clinic):
        doctor, charts = scene.doctor(), [make.patient() for _ in range(RIVALS)]
    desk = Client()
    with on_platform():
        desk.force_login(User.objects.get(pk=member("receptionist").user_id), backend="accounts.authentication.AdminLogin")
    pick = f"{doctor.pk} {at('10:00').isoformat()}"

    def send(chart: Any) -> None:
        one = Client()
        one.cookies = desk.cookies
        form = {"mrn": chart.mrn, "kind": "consultation", "practitioner": str(doctor.pk), "day": "2030-06-03", "pick": pick}
        page = one.post("/admin/appointments/appointment/add/", form)
        if page.status_code != 302:
            told = re.findall(r'data-code="(\w+)"', page.content.decode())
            assert told == ["slot_taken"]
            raise SlotTaken([Reason("slot_taken", "")])

    came = at_once(clinic, [lambda chart=chart: send(chart) for chart in charts])
    with in_clinic(clinic):
        assert (came, Appointment.objects.count(), Claim.objects.count()) == ({"done": 1, "slot_taken": RIVALS - 1}, 1, 2)


def test_as_many_win_as_there_are_lanes(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor, charts = scene.doctor(capacity=3), [make.patient() for _ in range(12)]
    came = at_once(clinic, [lambda chart=chart: booked(doctor, chart, at("10:00")) for chart in charts])
    assert came == {"done": 3, "slot_taken": 9}


def test_one_patient_who_books_two_doctors_at_once_gets_one(clinic: Any) -> None:
    with in_clinic(clinic):
        doctors, chart = [scene.doctor(name=f"Dr {n}") for n in range(8)], make.patient()
    came = at_once(clinic, [lambda doctor=doctor: booked(doctor, chart, at("10:00")) for doctor in doctors])
    assert came == {"done": 1, "patient_busy": 7}


def test_many_who_move_to_one_time_leave_one_there_and_the_others_where_they_were(clinic: Any) -> None:
    starts = [at("09:00") + dt.timedelta(minutes=10 * n) for n in range(8)]
    with in_clinic(clinic):
        doctor = scene.doctor()
        rows = [booked(doctor, make.patient(), start) for start in starts]
    came = at_once(
        clinic, [lambda row=row: reschedule(appointment=row, starts_at=at("15:00"), by=None, now=NOW) for row in rows]
    )
    with in_clinic(clinic):
        now_at = list(Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True))
        assert (came, Claim.objects.count()) == ({"done": 1, "slot_taken": 7}, 16)
    assert now_at[-1] == at("15:00") and set(now_at[:-1]) < set(starts)


def test_two_who_move_into_each_others_time_do_not_wait_for_each_other(clinic: Any) -> None:
    with in_clinic(clinic):
        one, two = scene.doctor(name="Dr One"), scene.doctor(name="Dr Two")
        first, second = booked(one, make.patient(), at("10:00")), booked(two, make.patient(), at("10:00"))
    for _ in range(5):
        came = at_once(
            clinic,
            [
                lambda: reschedule(appointment=first, starts_at=at("10:00"), practitioner=two, by=None, now=NOW),
                lambda: reschedule(appointment=second, starts_at=at("10:00"), practitioner=one, by=None, now=NOW),
            ],
        )
        assert came == {"slot_taken": 2}


def test_who_waits_for_an_appointment_that_goes_to_somebody_else_finds_it_there(clinic: Any) -> None:
    with in_clinic(clinic):
        one, two = scene.doctor(name="Dr One"), scene.doctor(name="Dr Two")
        row = booked(one, make.patient(), at("10:00"))
    given = threading.Event()

    def give() -> None:
        with transaction.atomic():
            reassign(appointment=row, practitioner=two, by=None, now=NOW)
            given.set()
            time.sleep(0.3)

    def confirm() -> None:
        given.wait(20)
        steps.confirm(appointment=row, by=None, now=NOW)

    assert at_once(clinic, [give, confirm]) == {"done": 2}
    with in_clinic(clinic):
        row.refresh_from_db()
        assert (row.state, row.practitioner_id) == ("confirmed", two.pk)


def test_who_holds_for_themself_in_many_calls_at_once_has_three_all_the_same(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor, chart, who = scene.doctor(), make.patient(), new_id()
    starts = [at("10:00") + dt.timedelta(minutes=10 * n) for n in range(9)]
    known = {"kind": "consultation", "patient": chart, "practitioner": doctor, "by": who, "now": NOW, "limited": True}
    came = at_once(clinic, [lambda start=start: holds.hold(starts_at=start, **known) for start in starts])
    assert came == {"done": 3, "too_many_holds": 6}


def test_of_many_who_cancel_one_appointment_one_does(clinic: Any) -> None:
    with in_clinic(clinic):
        row = booked(scene.doctor(), make.patient(), at("10:00"))
    came = at_once(clinic, [lambda: steps.cancel(appointment=row, by=None, now=NOW)] * 8)
    assert came == {"done": 1, "wrong_state": 7}


def test_a_loser_can_book_what_it_was_offered(clinic: Any) -> None:
    with in_clinic(clinic):
        doctor, charts = scene.doctor(), [make.patient() for _ in range(8)]

    def insist(chart: Any) -> None:
        wanted = at("10:00")
        for _ in range(40):
            try:
                booked(doctor, chart, wanted)
                return
            except SlotTaken as refused:
                wanted = dt.datetime.fromisoformat(refused.alternatives[0]["starts_at"])

    assert at_once(clinic, [lambda chart=chart: insist(chart) for chart in charts]) == {"done": 8}
