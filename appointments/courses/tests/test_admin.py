"""Can who may order courses cancel them and have them planned anew in the admin, and nobody else?"""

from typing import Any

import pytest

from appointments.courses.models import Course
from appointments.courses.services.planning import give_up
from appointments.courses.tests.scene import house, ordered, phase, template, with_kinds
from appointments.tests.conftest import browser  # noqa: F401 (the fixture)
from appointments.tests.test_admin_planning import chosen
from healthcare.core.tenancy import in_clinic

pytestmark = pytest.mark.django_db
COURSES = "/admin/courses/course/"


def test_the_desk_plans_anew_and_cancels_and_a_nurse_looks(browser: Any, north: Any, settings: Any) -> None:  # noqa: F811
    with_kinds(settings)
    with in_clinic(north):
        house()
        course = ordered(made=template(phase("Short", "snehana", 2)))
        give_up(course_id=course.id)
    nurse, desk = browser("nurse"), browser("receptionist")
    states = []
    for client, action in ((nurse, "replan"), (desk, "replan"), (nurse, "cancel"), (desk, "cancel"), (desk, "cancel")):
        chosen(client, COURSES, action, course)
        with in_clinic(north):
            states.append(Course.objects.get().state)
    assert states == ["stuck", "planning", "planning", "cancelled", "cancelled"]
    assert nurse.get(f"{COURSES}{course.pk}/change/").status_code == 200
