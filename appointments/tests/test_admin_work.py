"""Can who may settle follow-ups, orders and group sessions in the admin, and take each step, each by the table?"""

from typing import Any

import pytest
from django.utils import timezone

from accounts.roles import Role, reach
from appointments.models import Appointment, FollowUp, GroupSession, ServiceOrder
from appointments.services import groups, orders
from appointments.tests import scene
from appointments.tests.lists import cost
from appointments.tests.scene import NOW, at, booked
from appointments.tests.test_admin_planning import chosen
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
FOLLOW_UPS, ORDERS, GROUPS = (f"/admin/appointments/{name}/" for name in ("followup", "serviceorder", "groupsession"))
LISTS = {FOLLOW_UPS: "follow_up.view", ORDERS: "order.view", GROUPS: "group.view"}


def appointment(clinic: Any, state: str) -> Appointment:
    with in_clinic(clinic):
        row = booked(scene.doctor(), make.patient(), at("10:00"))
        Appointment.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        return row


def due(clinic: Any) -> FollowUp:
    row = appointment(clinic, "completed")
    with in_clinic(clinic):
        made = FollowUp(appointment=row, kind="follow_up", due_on=NOW.date())
        made.save()
        return made


def ordered(clinic: Any) -> ServiceOrder:
    row = appointment(clinic, "waiting")
    with in_clinic(clinic):
        made = ServiceOrder(appointment=row, service="lab_test", accession=orders.accession_of(row), specimen="blood")
        made.save()
        return made


def together(clinic: Any) -> GroupSession:
    with in_clinic(clinic):
        known = {"kind": "consultation", "seats": 3, "by": None, "now": NOW}
        session = groups.plan(practitioner=scene.doctor(), starts_at=at("10:00"), **known)
        groups.join(group=session, patient=make.patient(), by=None, now=NOW)
        return session


MAKE = {FOLLOW_UPS: due, ORDERS: ordered, GROUPS: together}
VERBS = [
    (FOLLOW_UPS, "dismiss", Role.RECEPTIONIST, Role.DOCTOR, "state", "dismissed"),
    (ORDERS, "collect", Role.NURSE, Role.DOCTOR, "state", "collected"),
    (GROUPS, "call_off", Role.RECEPTIONIST, Role.NURSE, "is_cancelled", True),
]


def now_is(clinic: Any, row: Any, name: str) -> Any:
    with in_clinic(clinic):
        return getattr(type(row).objects.get(pk=row.pk), name)


@pytest.mark.parametrize("url", LISTS)
def test_the_page_opens_to_whom_the_table_says_and_to_nobody_else(browser: Any, url: str) -> None:
    for role in (Role.CLINIC_ADMIN, Role.DOCTOR, Role.NURSE, Role.RECEPTIONIST, Role.AUDITOR, Role.SUPER_ADMIN):
        may = reach(LISTS[url], frozenset({role})) is not None
        assert browser(role).get(url).status_code == (200 if may else 403), (url, role)


@pytest.mark.parametrize("url", LISTS)
def test_a_list_costs_the_same_for_one_row_as_for_three(browser: Any, north: Any, url: str) -> None:
    client, costs = browser("nurse"), []
    for number in (1, 2):
        for _ in range(number):
            MAKE[url](north)
        costs.append(cost(client, url))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("url", "action", "may", "may_not", "name", "done"), VERBS)
def test_who_may_acts_once_and_the_page_says_what_is_refused(
    browser: Any, north: Any, url: str, action: str, may: Role, may_not: Role, name: str, done: Any
) -> None:
    row = MAKE[url](north)
    before = now_is(north, row, name)
    chosen(browser(may_not), url, action, row)
    assert now_is(north, row, name) == before
    client = browser(may)
    assert [text[-4:] for text in chosen(client, url, action, row)] == [": 1."]
    assert now_is(north, row, name) == done
    assert len(chosen(client, url, action, row)) == 1
    assert client.get(f"{url}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize(("url", "action", "may", "may_not", "name", "done"), VERBS)
def test_what_is_another_clinics_is_neither_seen_nor_reached(
    browser: Any, south: Any, url: str, action: str, may: Role, may_not: Role, name: str, done: Any
) -> None:
    row, client = MAKE[url](south), browser(may)
    before = now_is(south, row, name)
    chosen(client, url, action, row)
    assert now_is(south, row, name) == before
    assert str(row.pk) not in client.get(url).content.decode()


def test_the_steps_of_a_visit_are_taken_from_the_list(browser: Any, north: Any) -> None:
    row, desk = appointment(north, "waiting"), browser("receptionist")
    states = []
    for action in ("start", "hold", "resume", "start", "complete"):
        chosen(desk, "/admin/appointments/appointment/", action, row)
        states.append(now_is(north, row, "state"))
    assert states == ["in_progress", "on_hold", "waiting", "in_progress", "completed"]
    (refused,) = chosen(desk, "/admin/appointments/appointment/", "start", row)
    assert "completed" in refused and timezone.now() == NOW
