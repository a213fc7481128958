"""Is a course ordered in the admin as by the API: once, planned by the job, and only by who may?"""

from typing import Any

import pytest

from accounts.roles import Role, reach
from appointments.courses.models import Course
from appointments.courses.services import planning
from appointments.courses.tests.scene import NOW, house, phase, template, with_kinds
from healthcare.core.ids import new_id
from healthcare.core.models import Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
ADD = "/admin/courses/course/add/"


@pytest.fixture
def asked(north: Any, settings: Any, monkeypatch: Any) -> dict[str, Any]:
    """What the page is sent, by a browser that sees the scene's Friday."""
    with_kinds(settings)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    with in_clinic(north):
        people, chart, made = house(), make.patient(), template(phase("Short", "snehana", 2))
    return {
        "once": str(new_id()), "mrn": chart.mrn, "template": str(made.pk), "starts_on": "2030-10-21", "earliest": "10:00",
        "latest": "12:00", "reason": "", "therapists": [str(people[0].pk)],
    }  # fmt: skip


def courses(clinic: Any) -> list[Course]:
    with in_clinic(clinic):
        return list(Course.objects.order_by("id"))


def codes(page: Any) -> list[str]:
    return [fault["code"] for fault in page.context["form"].faults()]


def test_it_is_ordered_once_planned_by_the_job_and_its_page_says_how_it_stands(
    browser: Any,
    north: Any,
    asked: dict[str, Any],
) -> None:
    desk = browser("receptionist")
    assert "planned and booked together" in desk.get(ADD).content.decode()
    for _ in range(2):
        page = desk.post(ADD, asked, follow=True)
    (course,) = courses(north)
    assert page.redirect_chain == [(f"/admin/courses/course/{course.pk}/change/", 302)]
    assert "is being planned" in page.content.decode()
    assert (course.state, course.therapists, course.ordered_by) == ("planning", asked["therapists"], desk.member.user_id)
    with on_platform():
        assert Job.objects.filter(name="course.plan").count() == 1
    with in_clinic(north):
        planning.book_course(course_id=course.pk, now=NOW)
        assert Course.objects.get().state == "booked" and Course.objects.get().sittings.count() == 2


def test_a_second_one_by_the_same_template_is_refused_and_nothing_is_ordered(
    browser: Any,
    north: Any,
    asked: dict[str, Any],
) -> None:
    desk = browser("receptionist")
    desk.post(ADD, asked)
    page = desk.post(ADD, {**asked, "once": str(new_id())})
    assert (codes(page), len(courses(north))) == (["already_on_it"], 1)


@pytest.mark.parametrize(("wrong", "code"), [({"starts_on": "2033-01-01"}, "too_far"), ({"earliest": "13:00"}, "backwards")])
def test_what_the_verb_refuses_is_said_with_its_code(
    browser: Any,
    north: Any,
    asked: dict[str, Any],
    wrong: dict[str, str],
    code: str,
) -> None:
    assert (codes(browser("receptionist").post(ADD, {**asked, **wrong})), courses(north)) == ([code], [])


@pytest.mark.parametrize(
    "wrong", [{"mrn": "N-0"}, {"template": "x"}, {"starts_on": ""}, {"latest": "late"}, {"therapists": ["x\0"]}]
)
def test_what_is_no_entry_is_said_beside_its_field(
    browser: Any,
    north: Any,
    asked: dict[str, Any],
    wrong: dict[str, Any],
) -> None:
    page = browser("receptionist").post(ADD, {**asked, **wrong})
    assert (page.context["form"].errors.keys(), courses(north)) == (wrong.keys(), [])


def test_what_is_another_clinics_is_no_choice(browser: Any, north: Any, south: Any, asked: dict[str, Any]) -> None:
    with in_clinic(south):
        theirs = {"mrn": make.patient().mrn, "template": str(template().pk), "therapists": [str(house()[0].pk)]}
    for name, value in theirs.items():
        page = browser("receptionist").post(ADD, {**asked, name: value})
        assert page.context["form"].errors.keys() == {name}
    assert (courses(north), courses(south)) == ([], [])


def test_who_orders_is_who_may_by_the_api(browser: Any, north: Any, asked: dict[str, Any]) -> None:
    for role in (Role.NURSE, Role.AUDITOR, Role.BILLING_SPECIALIST, Role.DOCTOR, Role.CLINIC_ADMIN):
        may = reach("course.order", frozenset({role})) is not None
        client = browser(role)
        seen = client.get(ADD).status_code, client.post(ADD, asked).status_code
        # a doctor orders for patients of their own; of this one they are told as of nobody
        assert seen == ((200, 200 if role == Role.DOCTOR else 302) if may else (403, 403)), role
    assert len(courses(north)) == 1
