"""Can who may end series, take and undo leaves and decide on overrides do it in the admin, each by the table?"""

from typing import Any

import pytest

from accounts.roles import Role, reach
from appointments.models import Leave, Override, Series
from appointments.services import leaves, overriding, series
from appointments.slots import Interval
from appointments.tests import scene
from appointments.tests.lists import cost
from appointments.tests.scene import NOW, at, booked
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SERIES, LEAVES, OVERRIDES = (f"/admin/appointments/{name}/" for name in ("series", "leave", "override"))
LISTS = {SERIES: "appointment.view", LEAVES: "leave.manage", OVERRIDES: "appointment.ask_override"}


def chosen(client: Any, url: str, action: str, *rows: Any) -> list[str]:
    """What the page says after the action."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], "index": "0"}
    answer = client.post(url, form, follow=True)
    return [str(message) for message in answer.context["messages"]] if answer.context else []


def weekly(clinic: Any, start: str = "10:00") -> Series:
    with in_clinic(clinic):
        known = {"kind": "consultation", "rule": "FREQ=WEEKLY;COUNT=2", "by": None, "now": NOW}
        row, _ = series.create(patient=make.patient(), practitioner=scene.doctor(), starts_at=at(start), **known)
        return row


def away(clinic: Any) -> Leave:
    with in_clinic(clinic):
        doctor = scene.doctor()
        booked(doctor, make.patient(), at("10:00"))
        return leaves.take(practitioner=doctor, during=Interval(at("09:00"), at("12:00")), by=None, now=NOW)


def emergency(clinic: Any) -> Override:
    with in_clinic(clinic):
        doctor = scene.doctor()
        booked(doctor, make.patient(), at("10:00"))
        known = {"kind": "consultation", "priority": "emergency", "reason": "a burn", "by": None, "now": NOW}
        return overriding.ask(patient=make.patient(), practitioner=doctor, starts_at=at("10:00"), **known)


MAKE = {SERIES: weekly, LEAVES: away, OVERRIDES: emergency}
VERBS = [
    (SERIES, "end", Role.RECEPTIONIST, Role.NURSE, "ended"),
    (LEAVES, "undo", Role.RECEPTIONIST, Role.NURSE, "undone"),
    (OVERRIDES, "approve", Role.CLINIC_ADMIN, Role.RECEPTIONIST, "approved"),
    (OVERRIDES, "decline", Role.DOCTOR, Role.NURSE, "declined"),
]


def state(clinic: Any, row: Any) -> str:
    with in_clinic(clinic):
        return str(type(row).objects.get(pk=row.pk).state)


@pytest.mark.parametrize("url", LISTS)
def test_the_page_opens_to_whom_the_table_says_and_to_nobody_else(browser: Any, url: str) -> None:
    for role in (Role.CLINIC_ADMIN, Role.DOCTOR, Role.NURSE, Role.RECEPTIONIST, Role.AUDITOR, Role.SUPER_ADMIN):
        may = reach(LISTS[url], frozenset({role})) is not None
        assert browser(role).get(url).status_code == (200 if may else 403), (url, role)


@pytest.mark.parametrize("url", LISTS)
def test_a_list_costs_the_same_for_one_row_as_for_three(browser: Any, north: Any, url: str) -> None:
    client, costs = browser("clinic_admin"), []
    for number in (1, 2):
        for _ in range(number):
            MAKE[url](north)
        costs.append(cost(client, url))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("url", "action", "may", "may_not", "done"), VERBS)
def test_who_may_acts_once_and_the_page_says_what_is_refused(
    browser: Any, north: Any, url: str, action: str, may: Role, may_not: Role, done: str
) -> None:
    row = MAKE[url](north)
    before = state(north, row)
    chosen(browser(may_not), url, action, row)
    assert state(north, row) == before
    client = browser(may)
    assert [text[-4:] for text in chosen(client, url, action, row)] == [": 1."]
    assert state(north, row) == done
    (refusal,) = chosen(client, url, action, row)
    assert refusal.startswith(f"{row.pk}: ")
    assert client.get(f"{url}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize(("url", "action", "may", "may_not", "done"), VERBS)
def test_what_is_another_clinics_is_neither_seen_nor_reached(
    browser: Any, south: Any, url: str, action: str, may: Role, may_not: Role, done: str
) -> None:
    row, client = MAKE[url](south), browser(may)
    before = state(south, row)
    chosen(client, url, action, row)
    assert state(south, row) == before
    assert str(row.pk) not in client.get(url).content.decode()
    assert client.get(f"{url}{row.pk}/change/").status_code == 302


def test_a_doctor_sees_that_there_is_an_emergency_and_whose_only_of_their_own_patients(browser: Any, north: Any) -> None:
    row = emergency(north)
    with in_clinic(north):
        mrn = Override.objects.select_related("patient").get(pk=row.pk).patient.mrn
    doctors, desks = (browser(role).get(OVERRIDES).content.decode() for role in ("doctor", "receptionist"))
    assert (str(row.pk) in doctors, mrn in doctors, mrn in desks) == (True, False, True)
    assert "a burn" not in doctors + desks


class TestEnteringALeave:
    @pytest.fixture
    def doctor(self, north: Any) -> Any:
        with in_clinic(north):
            return scene.doctor()

    def form(self, doctor: Any, **more: str) -> dict[str, str]:
        return {"practitioner": str(doctor.pk), "starts_at": "2030-06-03T09:00", "ends_at": "2030-06-03T12:00", **more}

    def test_it_is_shown_first_and_taken_as_shown(self, browser: Any, north: Any, doctor: Any) -> None:
        with in_clinic(north):
            row = booked(doctor, make.patient(), at("10:00"))
        desk = browser("receptionist")
        page = desk.post(f"{LEAVES}add/", self.form(doctor))
        assert row.patient.mrn in page.content.decode() and "Take the leave" in page.content.decode()
        with in_clinic(north):
            assert not Leave.objects.exists()
        desk.post(f"{LEAVES}add/", self.form(doctor, seen=page.context["seen"]))
        with in_clinic(north):
            leave = Leave.objects.get()
            assert (leave.during.lower, leave.during.upper, leave.by) == (at("09:00"), at("12:00"), desk.member.user_id)
            assert leave.hits.get().appointment_id == row.pk

    def test_what_changed_since_it_was_shown_is_shown_anew_and_nothing_is_done(
        self, browser: Any, north: Any, doctor: Any
    ) -> None:
        desk = browser("receptionist")
        seen = desk.post(f"{LEAVES}add/", self.form(doctor)).context["seen"]
        with in_clinic(north):
            booked(doctor, make.patient(), at("10:00"))
        for digest in (seen, "", "forged"):
            page = desk.post(f"{LEAVES}add/", self.form(doctor, seen=digest))
            assert "changed since you looked" in page.content.decode() and len(page.context["hits"]) == 1
        with in_clinic(north):
            assert not Leave.objects.exists()

    @pytest.mark.parametrize("wrong", ["2030-06-03T08:00", "2033-06-03T12:00", "0001-01-01T00:00Z", ""])
    def test_what_can_be_no_leave_is_said_on_the_page(self, browser: Any, doctor: Any, wrong: str) -> None:
        page = browser("receptionist").post(f"{LEAVES}add/", self.form(doctor) | {"ends_at": wrong})
        assert page.status_code == 200 and page.context["form"].errors and "seen" not in page.context

    def test_who_may_not_manage_leave_sees_no_form_and_takes_none(self, browser: Any, doctor: Any, north: Any) -> None:
        nurse = browser("nurse")
        assert nurse.get(f"{LEAVES}add/").status_code == 403
        assert nurse.post(f"{LEAVES}add/", self.form(doctor, seen="x")).status_code == 403

    def test_a_practitioner_of_another_clinic_is_no_choice(self, browser: Any, doctor: Any, south: Any) -> None:
        with in_clinic(south):
            other = scene.doctor()
        page = browser("receptionist").post(f"{LEAVES}add/", self.form(other))
        assert page.context["form"].errors.keys() == {"practitioner"}
