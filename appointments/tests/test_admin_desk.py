"""Does the desk step and move appointments in the admin as by the API, one by one and only who may?"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role, reach
from appointments.models import Transition
from appointments.services import steps
from appointments.tests import scene
from appointments.tests.desk import ADD, LIST, ROLES, chosen, codes, form, move, now_is, offered
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import BY_VERB
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


class TestSteps:
    @pytest.mark.parametrize(
        ("action", "state", "start"),
        [("confirm", "confirmed", "10:00"), ("check_in", "waiting", "09:30")],
    )
    def test_each_is_taken_for_all_chosen_and_what_the_table_refuses_is_said(
        self, browser: Any, north: Any, doctor: Any, action: str, state: str, start: str
    ) -> None:
        with in_clinic(north):
            good, bad = booked(doctor, make.patient(), at(start)), booked(doctor, make.patient(), at("15:00"))
            steps.cancel(appointment=bad, by=None, now=NOW)
        desk = browser("receptionist")
        refusal, done = chosen(desk, action, good, bad)
        if "June 3, 2030, 3 p.m., Ada Marsh" not in refusal:
            refusal, done = done, refusal
        assert "this appointment is cancelled" in refusal and done.endswith(": 1.")
        assert now_is(north, good).state == state
        with in_clinic(north):
            assert Transition.objects.filter(appointment=good, verb=action).get().by == desk.member.user_id

    def test_nobody_is_a_no_show_before_the_start_and_then_is(
        self, browser: Any, north: Any, row: Any, monkeypatch: Any
    ) -> None:
        desk = browser("receptionist")
        assert "before the start" in chosen(desk, "no_show", row)[0]
        monkeypatch.setattr("django.utils.timezone.now", lambda: at("10:20"))
        assert chosen(desk, "no_show", row) == ["Marked as no-show: 1."]
        assert now_is(north, row).state == "no_show"

    @pytest.mark.parametrize("verb", ["confirm", "check_in", "no_show", "cancel"])
    def test_who_may_not_by_the_api_sees_no_such_action_and_takes_none(
        self, browser: Any, north: Any, row: Any, verb: str
    ) -> None:
        for role in ROLES:
            client = browser(role)
            may = reach(BY_VERB[verb].permission, frozenset({role})) is not None
            listed = reach("appointment.view", frozenset({role})) is not None
            page = client.get(LIST).content.decode()
            assert (f'<option value="{verb}">' in page) == (may and listed), role
            if not may:
                chosen(client, verb, row)
                assert now_is(north, row).state == "scheduled"

    def test_a_doctor_steps_their_own_only(self, browser: Any, north: Any, row: Any) -> None:
        chosen(browser("doctor"), "check_in", row)
        assert now_is(north, row).state == "scheduled"

    def test_another_clinics_is_not_reached(self, browser: Any, south: Any) -> None:
        with in_clinic(south):
            theirs = booked(scene.doctor(), make.patient(), at("10:00"))
        desk = browser("receptionist")
        assert "None of these" in chosen(desk, "cancel", theirs)[0]
        sent = {"action": "cancel", "_selected_action": [str(theirs.pk)], "seen": f"{theirs.pk}:{theirs.version}"}
        assert "Cancelled" not in str(list(desk.post(LIST, sent, follow=True).context["messages"]))
        assert now_is(south, theirs).state == "scheduled"

    @pytest.mark.parametrize("wrong", ["nonsense", "\0", "9" * 5000, ""])
    def test_what_is_no_id_is_an_error_on_the_page_and_nothing_is_done(
        self, browser: Any, north: Any, row: Any, wrong: str
    ) -> None:
        desk = browser("receptionist")
        sent = {"action": "cancel", "_selected_action": [str(row.pk), wrong], "index": "0"}
        assert "no such row" in str(next(iter(desk.post(LIST, sent, follow=True).context["messages"])))
        assert now_is(north, row).state == "scheduled"


class TestMoving:
    def url(self, row: Any) -> str:
        return f"{LIST}{row.pk}/reschedule/"

    def test_the_page_of_one_leads_there_and_it_keeps_id_and_history(
        self, browser: Any, north: Any, doctor: Any, row: Any
    ) -> None:
        desk = browser("receptionist")
        assert self.url(row) in desk.get(f"{LIST}{row.pk}/change/").content.decode()
        assert "Lindqvist" in desk.get(self.url(row)).content.decode()
        page = desk.post(self.url(row), move(doctor, row))
        assert {"10:10", "11:00"} < set(offered(page)) and "10:00" not in offered(page)  # its own time is in nobody's way
        assert desk.post(self.url(row), move(doctor, row, "10:10")).status_code == 302
        moved = now_is(north, row)
        assert (moved.starts_at, moved.state) == (at("10:10"), "scheduled")
        with in_clinic(north):
            assert Transition.objects.filter(appointment=row, verb="reschedule").get().by == desk.member.user_id

    def test_it_may_go_to_a_colleague(self, browser: Any, north: Any, row: Any) -> None:
        with in_clinic(north):
            other = scene.doctor()
        assert browser("receptionist").post(self.url(row), move(other, row, "10:00")).status_code == 302
        assert now_is(north, row).practitioner_id == other.pk

    def test_a_refused_move_says_why_and_what_else_and_leaves_it_there(
        self, browser: Any, north: Any, doctor: Any, row: Any
    ) -> None:
        with in_clinic(north):
            booked(doctor, make.patient(), at("15:00"))
        page = browser("receptionist").post(self.url(row), move(doctor, row, "15:00"))
        assert (codes(page), len(offered(page)), now_is(north, row).starts_at) == (["slot_taken"], 5, at("10:00"))

    @pytest.mark.parametrize("start", ["", "15:00"])
    def test_what_somebody_changed_since_it_was_shown_is_shown_anew(
        self, browser: Any, north: Any, doctor: Any, row: Any, start: str
    ) -> None:
        with in_clinic(north):
            steps.confirm(appointment=row, by=None, now=NOW)
        page = browser("receptionist").post(self.url(row), move(doctor, row, start))
        after = now_is(north, row)
        assert (codes(page), after.starts_at, after.state) == (["stale_write"], at("10:00"), "confirmed")
        assert f'name="version" value="{after.version}"' in page.content.decode()

    def test_what_is_over_cannot_be_moved_and_the_page_says_so(self, browser: Any, north: Any, doctor: Any, row: Any) -> None:
        with in_clinic(north):
            steps.cancel(appointment=row, by=None, now=NOW)
        desk, after = browser("receptionist"), now_is(north, row)
        assert "can&#x27;t be moved" in desk.get(self.url(row)).content.decode().replace("can't", "can&#x27;t")
        for start in ("", "15:00"):
            assert codes(desk.post(self.url(row), move(doctor, after, start))) == ["wrong_state"]

    @pytest.mark.parametrize("role", ROLES)
    def test_who_may_move_is_who_may_by_the_api(self, browser: Any, doctor: Any, row: Any, role: Role) -> None:
        may = reach(BY_VERB["reschedule"].permission, frozenset({role})) is not None
        client = browser(role)
        answers = [client.get(self.url(row)), client.post(self.url(row), move(doctor, row, "15:00"))]
        assert [one.status_code for one in answers] == ([200, 302] if may else [403, 403])

    def test_of_another_clinic_unknown_and_malformed_ids_answer_alike(self, browser: Any, south: Any, doctor: Any) -> None:
        with in_clinic(south):
            theirs = booked(scene.doctor(), make.patient(), at("10:00"))
        desk = browser("receptionist")
        for name in (str(theirs.pk), "00000000-0000-7000-8000-000000000000", "nonsense", "a/b"):
            for answer in (desk.get(f"{LIST}{name}/reschedule/"), desk.post(f"{LIST}{name}/reschedule/", move(doctor, theirs))):
                assert answer.status_code == 404, name


def _queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)


def test_the_pages_cost_the_same_however_many_practitioners_and_appointments_there_are(
    browser: Any, north: Any, doctor: Any, chart: Any, row: Any
) -> None:
    desk, costs = browser("receptionist"), list[dict[str, int]]()
    moving = f"{LIST}{row.pk}/reschedule/"
    for more in ((), ("11:00", "12:00")):
        with in_clinic(north):
            for start in more:
                booked(scene.doctor(), make.patient(), at(start))
                booked(doctor, make.patient(), at(start))
        # the least of three: the first visit notes the sign-in's use, and what a process remembers runs out by the clock
        asked = {
            "form": lambda: desk.get(ADD),
            "times": lambda: desk.post(ADD, form(doctor, chart)),
            "refused": lambda: desk.post(ADD, form(doctor, chart, "10:00")),
            "list": lambda: desk.get(LIST),
            "one": lambda: desk.get(moving),
            "moves": lambda: desk.post(moving, move(doctor, row)),
        }
        costs.append({name: min(_queries(ask) for _ in range(3)) for name, ask in asked.items()})
    assert costs[0] == costs[1]


def test_many_steps_of_many_rows_are_each_their_own(browser: Any, north: Any, doctor: Any) -> None:
    with in_clinic(north):
        rows = [booked(doctor, make.patient(), at(start)) for start in ("10:00", "11:00", "12:00")]
    assert chosen(browser("receptionist"), "confirm", *rows) == ["Confirmed: 3."]
