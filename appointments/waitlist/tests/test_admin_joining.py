"""Does the desk put somebody on the waitlist in the admin as by the API: who may, once it was shown who it is, nothing else?"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role, reach
from appointments.tests import scene
from appointments.tests.conftest import browser, chart, doctor, monday  # noqa: F401 (fixtures)
from appointments.waitlist.models import Wish
from clinics.models import Location
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
LIST = "/admin/waitlist/wish/"
ADD = f"{LIST}add/"


def form(chart: Any, **more: Any) -> dict[str, Any]:  # noqa: F811
    days = {"from_on": "2030-06-03", "until_on": "2030-06-20"}
    return {"mrn": chart.mrn, "kind": "consultation", "urgency": "normal", "sure": "1", **days, **more}


def waiting(clinic: Any) -> int:
    with in_clinic(clinic):
        return Wish.objects.count()


def codes(page: Any) -> list[str]:
    return [fault["code"] for fault in page.context["form"].faults()]


def test_who_it_is_is_shown_first_and_what_was_shown_is_what_they_wait_for(
    browser: Any,  # noqa: F811
    north: Any,
    doctor: Any,  # noqa: F811
    chart: Any,  # noqa: F811
) -> None:
    desk = browser("receptionist")
    assert ADD in desk.get(LIST).content.decode()
    with on_platform():
        place = Location.objects.filter(clinic=north).first().pk
    more = {"practitioner": str(doctor.pk), "location": str(place), "weekdays": ["0", "2"], "earliest": "09:00"}
    asked = form(chart, **more, latest="11:30", urgency="high", mrn=chart.mrn.lower().replace("-", " "), sure="")
    page = desk.post(ADD, asked)
    assert "Lindqvist" in page.content.decode() and waiting(north) == 0
    sent = {field.html_name: field.value() for field in page.context["carried"]}
    answer = desk.post(ADD, {**sent, "sure": "1"})
    with in_clinic(north):
        wish = Wish.objects.get()
        facts = (wish.patient_id, wish.practitioner_id, wish.location_id, wish.urgency, wish.weekdays, wish.joined_by)
        assert facts == (chart.pk, doctor.pk, place, "high", [0, 2], desk.member.user_id)
        assert (wish.earliest, wish.latest) == (dt.time(9), dt.time(11, 30))
        assert (wish.from_on, wish.until_on) == (dt.date(2030, 6, 3), dt.date(2030, 6, 20))
    assert answer["Location"] == f"{LIST}{wish.pk}/change/"  # of whom, stands in no address
    assert chart.mrn in desk.get(answer["Location"]).content.decode()


def test_each_refusal_is_shown_and_nobody_waits(
    browser: Any,  # noqa: F811
    north: Any,
    chart: Any,  # noqa: F811
) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        dentist = scene.doctor(kinds=["dental"])
    assert codes(desk.post(ADD, form(chart, until_on="2030-06-02"))) == ["bad_days"]
    assert codes(desk.post(ADD, form(chart, until_on="2031-06-03"))) == ["bad_days"]
    assert codes(desk.post(ADD, form(chart, practitioner=str(dentist.pk)))) == ["kind_not_offered"]
    assert "latest" in desk.post(ADD, form(chart, earliest="11:00", latest="10:00")).context["form"].errors
    assert waiting(north) == 0
    assert desk.post(ADD, form(chart)).status_code == 302
    assert (codes(desk.post(ADD, form(chart))), waiting(north)) == (["already_waiting"], 1)


def test_who_may_and_how_pressing_it_may_be_called_is_as_by_the_api(
    browser: Any,  # noqa: F811
    north: Any,
    chart: Any,  # noqa: F811
    monkeypatch: Any,
) -> None:
    for role in (Role.NURSE, Role.DOCTOR, Role.AUDITOR, Role.CLINIC_ADMIN):
        may = reach("waitlist.join", frozenset({role})) is not None
        client = browser(role)
        assert client.get(ADD).status_code == (200 if may else 403), role
        assert client.post(ADD, form(chart)).status_code == (302 if may else 403), role
        assert waiting(north) == may, role
    monkeypatch.setattr("appointments.waitlist.admin_joining.pressing", lambda member: [("normal", "Normal")])
    assert "urgency" in browser("receptionist").post(ADD, form(chart, urgency="high")).context["form"].errors


def test_of_nobody_and_of_another_clinic_are_one_error(
    browser: Any,  # noqa: F811
    north: Any,
    south: Any,
    chart: Any,  # noqa: F811
) -> None:
    with in_clinic(south):
        theirs, card = make.patient(), scene.doctor()
    with on_platform():
        place = Location.objects.filter(clinic=south).first().pk
    desk = browser("receptionist")
    errors = {desk.post(ADD, form(chart, mrn=mrn)).context["form"].errors.as_json() for mrn in (theirs.mrn, "XXXX-XXXX")}
    assert len(errors) == 1 and "No chart" in errors.pop()
    for field, wrong in (("practitioner", card.pk), ("location", place)):
        assert field in desk.post(ADD, form(chart, **{field: str(wrong)})).context["form"].errors
    assert waiting(north) == 0


def test_nothing_that_can_be_sent_is_more_than_an_error_on_the_page(
    browser: Any,  # noqa: F811
    north: Any,
    chart: Any,  # noqa: F811
) -> None:
    desk = browser("receptionist")
    fields = ("mrn", "kind", "practitioner", "location", "from_on", "until_on", "weekdays", "earliest", "latest", "urgency")
    for field in fields:
        for wrong in ("\0", "9" * 5000, "-1", "[]", "7", "0001-01-01", "9999-12-31", "٣", "25:00"):
            page = desk.post(ADD, form(chart, **{field: wrong}))
            assert page.status_code == 200 and (page.context["form"].errors), (field, wrong)
    assert waiting(north) == 0


def test_the_page_costs_the_same_for_one_practitioner_and_for_four(
    browser: Any,  # noqa: F811
    north: Any,
    doctor: Any,  # noqa: F811
    chart: Any,  # noqa: F811
) -> None:
    desk, costs = browser("receptionist"), []
    for more in (0, 3):
        with in_clinic(north):
            for _ in range(more):
                scene.doctor()
        asked = (lambda: desk.get(ADD), lambda: desk.post(ADD, form(chart, sure="")))
        costs.append([min(_queries(ask) for _ in range(3)) for ask in asked])
    assert costs[0] == costs[1]


def _queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)
