"""Can the desk answer for who waits by telephone, in the admin, and nobody else?"""

from typing import Any

import pytest

from appointments.tests.conftest import browser  # noqa: F401 (the fixture)
from appointments.tests.test_admin_planning import chosen
from appointments.waitlist.tests.test_waitlist import Day, state, work
from healthcare.core.tenancy import in_clinic

pytestmark = pytest.mark.django_db
WISHES = "/admin/waitlist/wish/"


@pytest.mark.parametrize(("action", "done"), [("accept", "booked"), ("decline", "waiting"), ("leave", "left")])
def test_the_desk_answers_for_who_waits_and_an_auditor_does_not(
    browser: Any,  # noqa: F811
    north: Any,
    action: str,
    done: str,
) -> None:
    with in_clinic(north):
        day = Day()
        wish = day.wish()
        day.free(), work()
    chosen(browser("auditor"), WISHES, action, wish)
    with in_clinic(north):
        assert state(wish) == "offered"
    desk = browser("receptionist")
    assert [text[-4:] for text in chosen(desk, WISHES, action, wish)] == [": 1."]
    with in_clinic(north):
        assert state(wish) == done
    assert desk.get(f"{WISHES}{wish.pk}/change/").status_code == 200
