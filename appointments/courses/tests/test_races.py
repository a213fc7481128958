"""Who else is at a course while it is planned or ordered? Nothing of it stays behind, and it is one course."""

import threading
from typing import Any

import pytest

from appointments.courses.models import Course
from appointments.courses.services import planning
from appointments.courses.services.ordering import cancel
from appointments.courses.services.planning import book_course
from appointments.courses.tests.scene import BY, NOW, house, ordered, phase, template, with_kinds
from appointments.models import Appointment, Claim
from appointments.tests.test_races import at_once, clinic  # noqa: F401 (the fixture)
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.parallel, pytest.mark.usefixtures("committed")]


def test_a_course_that_is_cancelled_while_it_is_being_booked_leaves_no_sitting(
    clinic: Any,  # noqa: F811
    settings: Any,
    monkeypatch: Any,
) -> None:
    with_kinds(settings)
    with in_clinic(clinic):
        house()
        course = ordered(made=template(phase("Short", "snehana", 3)))
    planned, under_way = planning._book, threading.Event()

    def slowly(*what: Any) -> Any:
        done = planned(*what)
        under_way.set()
        threading.Event().wait(0.3)
        return done

    def call_off() -> None:
        under_way.wait(20)
        cancel(course=course, by=BY, now=NOW)

    monkeypatch.setattr(planning, "_book", slowly)
    assert at_once(clinic, [lambda: book_course(course_id=course.id, now=NOW), call_off]) == {"done": 2}
    with in_clinic(clinic):
        course.refresh_from_db()
        states = set(Appointment.objects.values_list("state", flat=True))
        assert (course.state, states, Claim.objects.count()) == ("cancelled", {"cancelled"}, 0)


def test_a_course_that_is_ordered_several_times_at_once_is_one(clinic: Any, settings: Any) -> None:  # noqa: F811
    with_kinds(settings)
    with in_clinic(clinic):
        house()
        made, chart = template(phase("Short", "snehana", 3)), make.patient()
    came = at_once(clinic, [lambda: ordered(made=made, patient=chart)] * 4)
    with in_clinic(clinic):
        assert (came, Course.objects.count()) == ({"done": 1, "already_on_it": 3}, 1)
