"""Does the desk hold a time, and who may book above the capacity, in the admin as by the API, and nobody else?"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role, reach
from appointments.models import Appointment
from appointments.services import steps
from appointments.tests import scene
from appointments.tests.desk import ADD, LIST, chosen, codes, form, offered
from appointments.tests.scene import NOW, at, booked
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def full(page: Any) -> list[str]:
    return [time["text"] for time in page.context.get("full", [])]


@pytest.fixture
def other(north: Any) -> Any:
    with in_clinic(north):
        return make.patient(last_name="Berg")


class TestAboveCapacity:
    def test_who_may_sees_full_times_beside_the_free_ones_and_books_one_saying_why(
        self, browser: Any, north: Any, doctor: Any, row: Any, other: Any
    ) -> None:
        admin = browser("clinic_admin")
        page = admin.post(ADD, form(doctor, other))
        assert "10:00" in full(page) and "10:00" not in offered(page) and not set(full(page)) & set(offered(page))
        assert "Book above capacity" in page.content.decode()
        answer = admin.post(ADD, form(doctor, other, "10:00", how="overbook", overbook="A child in pain"))
        with in_clinic(north):
            made = Appointment.objects.exclude(pk=row.pk).get()
            facts = (made.starts_at, made.overbook_reason, made.booked_by)
            assert facts == (at("10:00"), "A child in pain", admin.member.user_id)
        assert answer["Location"] == f"{LIST}{made.pk}/change/"

    def test_a_time_refused_for_capacity_can_be_booked_above_it_by_who_may(
        self, browser: Any, doctor: Any, row: Any, other: Any
    ) -> None:
        admin = browser("clinic_admin")
        page = admin.post(ADD, form(doctor, other, "10:00", reason="a cough"))
        assert (codes(page), full(page)) == (["slot_taken"], ["Mon 3 Jun, 10:00, Ada Marsh"])
        page = admin.post(ADD, form(doctor, other, pick=page.context["full"][0]["value"], how="overbook", reason="a cough"))
        assert codes(page) == ["overbook_reason"] and full(page) and "a cough" in page.content.decode()
        sent = form(doctor, other, pick=page.context["full"][0]["value"], how="overbook", overbook="It must be")
        assert admin.post(ADD, sent).status_code == 302

    def test_on_a_day_without_a_free_time_the_full_ones_are_shown(self, browser: Any, north: Any, other: Any) -> None:
        with in_clinic(north):
            busy = scene.doctor(weekly=[(0, dt.time(10), dt.time(10, 10))])
            booked(busy, make.patient(), at("10:00"))
        page = browser("clinic_admin").post(ADD, form(busy, other))
        assert codes(page) == ["nothing_free"] and "10:00" in full(page)

    def test_every_other_reason_stays_and_nothing_is_done(
        self, browser: Any, north: Any, doctor: Any, row: Any, chart: Any
    ) -> None:
        admin = browser("clinic_admin")
        for how in ("", "overbook"):
            page = admin.post(ADD, form(doctor, chart, "10:00", how=how, overbook="It must be"))
            assert "patient_busy" in codes(page) and not full(page)
        page = admin.post(ADD, form(doctor, chart, "06:00", how="overbook", overbook="It must be"))
        assert "outside_hours" in codes(page) and not full(page)
        with in_clinic(north):
            assert Appointment.objects.count() == 1

    def test_who_may_is_who_may_by_the_api(self, browser: Any, north: Any, doctor: Any, row: Any, other: Any) -> None:
        for role in (Role.RECEPTIONIST, Role.NURSE, Role.DOCTOR, Role.CLINIC_ADMIN):
            may = all(reach(one, frozenset({role})) for one in ("appointment.book", "appointment.overbook"))
            client = browser(role)
            page = client.post(ADD, form(doctor, other))
            assert ("Book above capacity" in page.content.decode()) == may, role
            sent = form(doctor, other, "10:00", how="overbook", overbook="It must be")
            assert client.post(ADD, sent).status_code == (302 if may else 403), role
            with in_clinic(north):
                assert Appointment.objects.count() == (2 if may else 1), role

    def test_it_costs_the_same_however_much_is_full(self, browser: Any, north: Any, doctor: Any, row: Any, other: Any) -> None:
        admin, costs = browser("clinic_admin"), []
        for more in ((), ("11:00", "12:00", "13:00")):
            with in_clinic(north):
                for start in more:
                    booked(doctor, make.patient(), at(start))
            costs.append(min(_queries(lambda: admin.post(ADD, form(doctor, other))) for _ in range(3)))
        assert costs[0] == costs[1]


class TestHolding:
    @pytest.mark.parametrize(("minutes", "lasts"), [("", 10), ("45", 45)])
    def test_a_time_is_held_for_minutes_and_confirming_it_books_it(
        self, browser: Any, north: Any, doctor: Any, chart: Any, minutes: str, lasts: int
    ) -> None:
        desk = browser("receptionist")
        answer = desk.post(ADD, form(doctor, chart, "11:00", how="hold", minutes=minutes), follow=True)
        told = [str(message) for message in answer.context["messages"]]
        with in_clinic(north):
            held = Appointment.objects.get()
        facts = (held.state, held.starts_at, held.expires_at, held.booked_by)
        assert facts == ("pending", at("11:00"), NOW + dt.timedelta(minutes=lasts), desk.member.user_id)
        assert told == [f"The time is held until 09:{lasts}; confirm it before then, or cancel it."]
        assert chosen(desk, "confirm", held) == ["Confirmed: 1."]
        with in_clinic(north):
            assert Appointment.objects.get().expires_at is None

    def test_minutes_that_the_api_would_refuse_are_refused(self, browser: Any, north: Any, doctor: Any, chart: Any) -> None:
        desk = browser("receptionist")
        for minutes in ("0", "-1", "61", "9" * 500, "\0", "x"):
            page = desk.post(ADD, form(doctor, chart, "11:00", how="hold", minutes=minutes))
            assert page.status_code == 200 and page.context["form"].faults(), minutes
        with in_clinic(north):
            assert not Appointment.objects.exists()

    def test_a_refused_hold_says_why_and_what_else(self, browser: Any, north: Any, doctor: Any, row: Any, chart: Any) -> None:
        page = browser("receptionist").post(ADD, form(doctor, chart, "10:00", how="hold", minutes="5"))
        assert {"slot_taken", "patient_busy"} == set(codes(page)) and len(offered(page)) == 5
        assert '<option value="5" selected>' in page.content.decode()

    def test_who_may_hold_is_who_may_by_the_api(self, browser: Any, api: Any, north: Any, doctor: Any, chart: Any) -> None:
        for role in (Role.MEDICAL_ASSISTANT, Role.NURSE, Role.DOCTOR):
            may = reach("appointment.book", frozenset({role})) is not None
            assert browser(role).post(ADD, form(doctor, chart, "10:00", how="hold")).status_code == (302 if may else 403)
            wanted = {"kind": "consultation", "doctor": str(doctor.pk), "patient": str(chart.pk)}
            body = {**wanted, "starts_at": at("11:00").isoformat()}
            assert (api(role).post("/appointments/holds", body, format="json").status_code == 201) == may, role

    def test_a_hold_that_is_given_back_frees_the_time(self, browser: Any, north: Any, doctor: Any, chart: Any) -> None:
        desk = browser("receptionist")
        desk.post(ADD, form(doctor, chart, "11:00", how="hold"))
        with in_clinic(north):
            steps.cancel(appointment=Appointment.objects.get(), by=None, now=NOW)
        assert "11:00" in offered(desk.post(ADD, form(doctor, chart)))


def test_a_way_that_no_page_of_ours_sends_books_nothing(browser: Any, north: Any, doctor: Any, chart: Any) -> None:
    admin = browser("clinic_admin")
    for wrong in ("book", "\0", "9" * 5000):
        page = admin.post(ADD, form(doctor, chart, "11:00", how=wrong))
        assert page.status_code == 200 and page.context["form"].faults()
    with in_clinic(north):
        assert not Appointment.objects.exists()


def _queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)
